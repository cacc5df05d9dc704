//! The drafts of a tab, and their keys.

use wizitime_domain::UserId;

use super::*;

const USER: Owner = Owner::User(UserId::from_bytes([2; 16]));
const OTHER_USER: Owner = Owner::User(UserId::from_bytes([3; 16]));
const X: EntryId = EntryId::from_bytes([1; 16]);

fn start_of_x() -> String {
    DraftPlace::of_entry(X, "start").to_string()
}

#[test]
fn text_is_kept_until_it_is_removed() {
    let mut drafts = Drafts::EMPTY;
    assert!(drafts.set(&start_of_x(), Some("7:4")));
    assert!(drafts.set(&start_of_x(), Some("7:45")));
    assert!(!drafts.set(&start_of_x(), Some("7:45")), "nothing changed");
    assert_eq!(drafts.get(&start_of_x()), Some("7:45"));
    assert!(drafts.set(&start_of_x(), None));
    assert!(!drafts.set(&start_of_x(), None), "nothing changed");
    assert_eq!(drafts, Drafts::EMPTY);
}

#[test]
fn emptied_field_is_a_draft() {
    let mut drafts = Drafts::EMPTY;
    drafts.set(&start_of_x(), Some(""));
    assert_eq!(drafts.get(&start_of_x()), Some(""));
}

#[test]
fn text_without_space_is_not_kept_and_takes_none_from_others() {
    let mut drafts = Drafts::EMPTY;
    drafts.set("manual.start", Some("7:4"));
    let long = "a".repeat(DRAFT_BYTES_MAX);
    assert!(!drafts.set(&start_of_x(), Some(&long)));
    assert_eq!((drafts.get("manual.start"), drafts.get(&start_of_x())), (Some("7:4"), None));
}

#[test]
fn places_of_an_entry_are_found() {
    let mut drafts = Drafts::EMPTY;
    for place in [start_of_x(), DraftPlace::of_entry(X, "end").to_string(), MAIN.to_owned()] {
        drafts.set(&place, Some("7:4"));
    }
    let end = DraftPlace::of_entry(X, "end").to_string();
    assert_eq!(drafts.places_of(&X.to_string()), [start_of_x(), end]);
}

#[test]
fn text_belongs_to_its_entry() {
    assert_eq!(entry_of(&start_of_x(), "7:4"), Some(X));
    assert_eq!(entry_of(MAIN, &format!("{X}\n\n\nX with Bob")), Some(X));
    assert_eq!(entry_of(MAIN, "next\n\nOffer\n"), None);
    assert_eq!(entry_of("manual.start", "7:4"), None);
}

#[test]
fn texts_are_what_was_typed() {
    let mut drafts = Drafts::EMPTY;
    drafts.set(MAIN, Some(&format!("{X}\n{X}\nOffer\nX with Bob")));
    drafts.set(MANUAL, Some("20000\n\n\n\nBreakfast"));
    drafts.set(&start_of_x(), Some(" "));
    assert_eq!(drafts.texts(), ["X with Bob", "Offer", "Breakfast"]);
    assert_eq!(typed_text(MAIN, drafts.get(MAIN).unwrap()), "X with Bob");
}

#[test]
fn keys_round_trip() {
    let key = draft_key("tab", Owner::Guest, &start_of_x());
    assert_eq!(parse_draft_key(&key), Some(("tab", "guest", start_of_x().as_str())));
    for other in ["wizi.device", "wizi-draft.", "wizi-draft.tab", "wizi-draft.tab.guest"] {
        assert_eq!(parse_draft_key(other), None, "{other}");
    }
}

#[test]
fn drafts_of_another_user_are_removed() {
    let keys = [USER, OTHER_USER, Owner::Guest].map(|owner| draft_key("tab", owner, MAIN));
    assert_eq!(surplus_keys(&keys, USER), [&keys[1]]);
    assert_eq!(surplus_keys(&keys, Owner::Guest), [&keys[0], &keys[1]], "after the sign-out");
}

#[test]
fn oldest_drafts_are_removed_beyond_the_limit() {
    let keys = 0..STORED_DRAFTS_MAX + 2;
    let keys: Vec<String> = keys.map(|tab| draft_key(&format!("{tab:04}"), USER, MAIN)).collect();
    assert_eq!(surplus_keys(&keys, USER), [&keys[0], &keys[1]]);
}
