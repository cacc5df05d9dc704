//! Preconditions of events.

use crate::ids::TagId;
use crate::ledger::{EntityKey, Ledger};
use crate::rejection::{LimitedText, Rejection};
use crate::sorted_set::SortedSet;
use crate::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, TAGS_PER_ENTRY_MAX};

/// The entity does not exist yet.
pub(super) fn is_new(ledger: &Ledger, key: EntityKey) -> Result<(), Rejection> {
    match ledger.get(key) {
        Some(_) => Err(Rejection::AlreadyExists { key }),
        None => Ok(()),
    }
}

/// All of these entities exist.
pub(super) fn references_exist(ledger: &Ledger, references: &[EntityKey]) -> Result<(), Rejection> {
    match references.iter().find(|key| ledger.get(**key).is_none()) {
        Some(key) => Err(Rejection::UnknownEntity { key: *key }),
        None => Ok(()),
    }
}

pub(super) fn description_fits(description: &str) -> Result<(), Rejection> {
    fits(LimitedText::Description, description, DESCRIPTION_CHARS_MAX)
}

pub(super) fn name_fits(key: EntityKey, name: &str) -> Result<(), Rejection> {
    if name.trim().is_empty() {
        return Err(Rejection::NameMissing { key });
    }
    fits(LimitedText::Name { of: key }, name, NAME_CHARS_MAX)
}

pub(super) fn tags_fit(tag_ids: &SortedSet<TagId>) -> Result<(), Rejection> {
    if tag_ids.len() > TAGS_PER_ENTRY_MAX {
        return Err(Rejection::TooManyTags { count_max: TAGS_PER_ENTRY_MAX });
    }
    Ok(())
}

fn fits(limited: LimitedText, text: &str, chars_max: usize) -> Result<(), Rejection> {
    // A character has at least one byte, so that most texts need not be counted.
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(Rejection::TooLong { text: limited, chars_max });
    }
    Ok(())
}
