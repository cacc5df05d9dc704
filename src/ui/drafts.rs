//! The drafts of this tab: what fields and forms read and write of them.
//!
//! A field reads its draft when it is built and writes it with every key; nothing else changes it,
//! but for the drafts of tabs that are gone, and a user who goes. Then the page is built again.

use std::cell::RefCell;
use std::mem;

use wizitime_domain::EntryId;

use super::store::{notify_drafts, notify_lost_drafts, owner, track_lost_drafts};
use crate::browser::{self, draft_storage};
use crate::features::drafts::{
    DraftPlace, Drafts, draft_key, entry_of, is_draft_of, parse_draft_key, surplus_keys,
};
use crate::store::record::Owner;

struct Kept {
    drafts: Drafts,
    /// What could not be submitted because another tab signed out.
    returned: Drafts,
    tab: String,
    owner: Owner,
}

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Kept {
        drafts: Drafts::EMPTY,
        returned: Drafts::EMPTY,
        tab: String::new(),
        owner: Owner::Guest,
    }) };
}

/// Restores the drafts of this tab, and adopts those of tabs that are gone.
pub(crate) fn start() {
    let tab = draft_storage::claim_tab(EntryId::from_bytes(browser::new_id()).to_string());
    KEPT.with_borrow_mut(|kept| {
        kept.tab.clone_from(&tab);
        kept.owner = owner();
    });
    adopt(&tab);
    clean_up();
    browser::subscribe(|changes, _| {
        if changes.session {
            follow_owner();
        }
        let is_empty = KEPT.with_borrow(|kept| kept.drafts.all().is_empty());
        if !is_empty && (changes.whole_ledger || !changes.entities.is_empty()) {
            notify_lost_drafts();
        }
    });
}

/// The text that was typed at a place and not submitted.
pub(crate) fn get(place: &str) -> Option<String> {
    KEPT.with_borrow(|kept| kept.drafts.get(place).map(str::to_owned))
}

/// The draft of a field.
pub(crate) fn get_field(place: DraftPlace) -> Option<String> {
    // Hundreds of fields are built at the start, most often without any draft.
    let is_empty = KEPT.with_borrow(|kept| kept.drafts.all().is_empty());
    if is_empty { None } else { get(&place.to_string()) }
}

/// Keeps the text of a place, or removes it: it was submitted or discarded.
pub(crate) fn set(place: &str, text: Option<&str>) {
    KEPT.with_borrow_mut(|kept| {
        if kept.drafts.set(place, text) {
            draft_storage::write(&draft_key(&kept.tab, kept.owner, place), text);
        }
    });
}

/// Whether there are drafts of an entry, or of the form for manual entries.
pub(crate) fn has(name: &str) -> bool {
    KEPT.with_borrow(|kept| !kept.drafts.places_of(name).is_empty())
}

/// Discards the drafts of an entry, or of the form for manual entries.
pub(crate) fn discard(name: &str) {
    let places = KEPT.with_borrow(|kept| kept.drafts.places_of(name));
    places.iter().for_each(|place| set(place, None));
    notify_lost_drafts();
}

/// Whether there are texts whose fields are gone.
pub(crate) fn use_has_lost_drafts() -> bool {
    track_lost_drafts();
    KEPT.with_borrow(|kept| {
        !kept.returned.all().is_empty()
            || kept.drafts.all().iter().any(|(place, text)| deleted_entry(place, text).is_some())
    })
}

/// Entries that were deleted while something was typed for them, each with a place and its text.
pub(crate) fn use_deleted() -> Vec<(EntryId, String, String)> {
    track_lost_drafts();
    let drafts = KEPT.with_borrow(|kept| kept.drafts.clone());
    let found = drafts.all().iter().filter_map(|(place, text)| {
        Some((deleted_entry(place, text)?, place.clone(), text.clone()))
    });
    found.collect()
}

/// Texts that another tab's sign-out took from their fields.
pub(crate) fn use_returned() -> Vec<String> {
    track_lost_drafts();
    KEPT.with_borrow(|kept| kept.returned.texts())
}

/// The user has seen the returned texts.
pub(crate) fn dismiss_returned() {
    KEPT.with_borrow_mut(|kept| kept.returned = Drafts::EMPTY);
    notify_lost_drafts();
}

/// What is typed and not submitted.
pub(crate) fn texts() -> Vec<String> {
    KEPT.with_borrow(|kept| kept.drafts.texts())
}

/// The entry that the text of a place belongs to, if it is deleted. Not so if it is not known.
fn deleted_entry(place: &str, text: &str) -> Option<EntryId> {
    let id = entry_of(place, text)?;
    let is_deleted = browser::with_core(|core| {
        core.state().ledger.shown().entry(id).is_some_and(|entry| entry.deleted)
    });
    is_deleted.then_some(id)
}

/// Drafts of a guest come along, as the guest's entries do. Those of a user stay with the user:
/// what another tab's sign-out took is shown once more, and nothing of it remains in storage.
fn follow_owner() {
    let (before, owner) = (KEPT.with_borrow(|kept| kept.owner), owner());
    if before == owner {
        return;
    }
    let drafts = KEPT.with_borrow_mut(|kept| {
        for (place, _) in kept.drafts.all() {
            draft_storage::write(&draft_key(&kept.tab, before, place), None);
        }
        kept.owner = owner;
        kept.returned = Drafts::EMPTY;
        mem::take(&mut kept.drafts)
    });
    if before == Owner::Guest {
        drafts.all().iter().for_each(|(place, text)| set(place, Some(text)));
    } else {
        if owner == Owner::Guest {
            KEPT.with_borrow_mut(|kept| kept.returned = drafts);
        }
        notify_drafts();
    }
    notify_lost_drafts();
    clean_up();
}

/// Removes drafts that may not be seen any more, and adopts those of tabs that are gone.
fn clean_up() {
    let (ours, owner) = KEPT.with_borrow(|kept| (kept.tab.clone(), kept.owner));
    let keys: Vec<String> = draft_storage::all().into_iter().map(|(key, _)| key).collect();
    for key in surplus_keys(&keys, owner) {
        draft_storage::write(key, None);
    }
    let mut asked = vec![ours.as_str()];
    for key in keys.iter().filter(|key| is_draft_of(key, owner)) {
        let Some((tab, ..)) = parse_draft_key(key).filter(|(tab, ..)| !asked.contains(tab)) else {
            continue;
        };
        asked.push(tab);
        let tab = tab.to_owned();
        draft_storage::if_gone(&tab.clone(), move || {
            if adopt(&tab) {
                notify_drafts();
                notify_lost_drafts();
            }
        });
    }
}

/// Takes over the drafts of a tab, but for those whose place is taken. Returns whether there were
/// any. Those of this tab are read at the start in the same way.
fn adopt(tab: &str) -> bool {
    let (ours, owner) = KEPT.with_borrow(|kept| (kept.tab.clone(), kept.owner));
    let mut is_any = false;
    for (key, text) in draft_storage::all() {
        let Some((theirs, _, place)) = parse_draft_key(&key).filter(|_| is_draft_of(&key, owner))
        else {
            continue;
        };
        if theirs != tab || get(place).is_some() {
            continue;
        }
        set(place, Some(&text));
        // Without space it stays where it is.
        if get(place).is_some() {
            is_any = true;
            if theirs != ours {
                draft_storage::write(&key, None);
            }
        }
    }
    is_any
}
