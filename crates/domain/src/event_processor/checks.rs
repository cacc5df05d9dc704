//! What must hold before an event can take effect.

use crate::ids::TagId;
use crate::ledger::{EntityKey, Ledger};
use crate::rejection::{Rejection, TextField};
use crate::sorted_set::SortedSet;
use crate::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, TAGS_PER_ENTRY_MAX};

/// Nothing of this name exists yet.
pub(super) fn is_new(ledger: &Ledger, key: EntityKey) -> Result<(), Rejection> {
    match ledger.get(key) {
        Some(_) => Err(Rejection::AlreadyExists { key }),
        None => Ok(()),
    }
}

/// Everything the event refers to exists.
pub(super) fn references_exist(ledger: &Ledger, event: &[EntityKey]) -> Result<(), Rejection> {
    match event.iter().find(|key| ledger.get(**key).is_none()) {
        Some(key) => Err(Rejection::UnknownEntity { key: *key }),
        None => Ok(()),
    }
}

pub(super) fn description_fits(description: &str) -> Result<(), Rejection> {
    fits(TextField::Description, description, DESCRIPTION_CHARS_MAX)
}

pub(super) fn name_fits(key: EntityKey, name: &str) -> Result<(), Rejection> {
    if name.trim().is_empty() {
        return Err(Rejection::NameMissing { key });
    }
    fits(TextField::Name, name, NAME_CHARS_MAX)
}

pub(super) fn tags_fit(tag_ids: &SortedSet<TagId>) -> Result<(), Rejection> {
    if tag_ids.len() > TAGS_PER_ENTRY_MAX {
        return Err(Rejection::TooManyTags { count_max: TAGS_PER_ENTRY_MAX });
    }
    Ok(())
}

fn fits(field: TextField, text: &str, chars_max: usize) -> Result<(), Rejection> {
    // A character has at least one byte: most texts need not be counted.
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(Rejection::TooLong { field, chars_max });
    }
    Ok(())
}
