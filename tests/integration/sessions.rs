//! Sign-in, sign-out, and refused tokens.

use wizitime::app::input::{Input, PageEvent, SessionAnswer, SignInError};
use wizitime::effects::Secret;
use wizitime::effects::{HttpCall, SignInAccount};
use wizitime::features::SyncBadge;
use wizitime::features::{AccountIntent, Intent, TimerIntent};
use wizitime::store::slices::connection::SyncError;
use wizitime::store::slices::notices::Notice;
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;

use crate::test_bed::{ServerBehavior, TestBed, account, sign_in_answer, user};

const MINUTE_MS: u64 = 60_000;

fn revoked(account: &Account) -> Input {
    let token = Secret(account.token.clone());
    Input::SessionAnswered(SessionAnswer::Revoked { token })
}

#[test]
fn guest_events_are_kept_and_adopted_at_sign_up() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(None);
    let tab = bed.open(profile);
    bed.start(tab, "guest work");
    bed.wait(5 * MINUTE_MS);
    bed.act(tab, Intent::Timer(TimerIntent::Stop));
    assert_eq!(bed.badge(tab), SyncBadge::Guest);
    let tab = bed.reopen(profile);
    assert_eq!(bed.shown(tab), ["guest work 0–5"]);
    let (email, password) = ("1@example.org".to_owned(), Secret("long enough".to_owned()));
    let sign_up = AccountIntent::SignIn(SignInAccount::New { email, password, invitation: None });
    bed.act(tab, Intent::Account(sign_up));
    assert!(matches!(
        bed.record(tab).http[..],
        [HttpCall::SignIn { account: SignInAccount::New { .. }, .. }]
    ));
    bed.feed(tab, sign_in_answer(account(1)));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.shown(tab), ["guest work 0–5"]);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::Saved));
    assert!(bed.profile(profile).local_storage.keys().all(|key| !key.contains("guest")));
}

#[test]
fn a_failed_sign_in_shows_the_reason_and_changes_nothing() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(None);
    let tab = bed.open(profile);
    bed.start(tab, "tea");
    let message = "The email or the password is wrong.".to_owned();
    let error = SignInError::Refused { message };
    bed.feed(tab, Input::SignInAnswered(Err(error.clone())));
    assert_eq!(bed.state(tab).session.error, Some(error));
    assert_eq!(bed.shown(tab), ["tea 0–"]);
}

#[test]
fn a_revoked_token_stops_syncing_but_not_recording() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    // The server closes the socket and refuses the token.
    bed.set_online(0, false);
    bed.wait(MINUTE_MS);
    assert!(
        matches!(bed.record(0).http[..], [HttpCall::Session { .. }, ..]),
        "it checks the token"
    );
    bed.feed(0, revoked(&account(1)));
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    assert_eq!(bed.badge(0), SyncBadge::SignIn { waiting: 1 });
    // Also after a restart, and no tab tries to connect meanwhile.
    let tab = bed.reopen(0);
    bed.set_online_silently(0);
    bed.wait(10 * MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::SignIn { waiting: 1 });
    bed.feed(tab, sign_in_answer(account(1)));
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.badge(tab)), (2, SyncBadge::Saved));
}

#[test]
fn an_unreachable_server_is_not_a_revoked_token() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.wait(10 * MINUTE_MS);
    bed.feed(0, Input::SessionAnswered(SessionAnswer::Unreachable));
    assert_eq!(bed.badge(0), SyncBadge::Offline);
    let checks = bed.record(0).http.len();
    assert!((1..=8).contains(&checks), "{checks} checks in ten minutes");
}

#[test]
fn a_refused_address_is_shown_and_not_counted_as_a_revoked_token() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    let reason = "This server does not accept this address.".to_owned();
    bed.feed(0, Input::SessionAnswered(SessionAnswer::Refused { reason: reason.clone() }));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.state(0).connection.error, SyncError::Refused { reason });
    assert_eq!(bed.badge(0), SyncBadge::Offline);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.state(0).connection.error, SyncError::None);
}

#[test]
fn sign_out_is_refused_while_events_wait() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    let notice = bed.state(0).notices.current.clone();
    assert_eq!(notice, Some(Notice::SignOutRefused { waiting: 1 }));
    assert_eq!(bed.shown(0), ["tea 0–"]);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    bed.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    assert_eq!(bed.badge(0), SyncBadge::Guest);
    assert_eq!(bed.shown(0), [""; 0]);
    assert_eq!(bed.stored(0).len(), 1, "only the device id stays: {:?}", bed.stored(0));
}

#[test]
fn sign_out_can_discard_waiting_events() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    bed.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: true }));
    assert_eq!(bed.badge(0), SyncBadge::Guest);
    let keys: Vec<String> = bed.stored(0).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 2, "the device id and the marker of the discarded event: {keys:?}");
}

#[test]
fn events_of_another_account_are_kept_and_neither_shown_nor_sent() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "mine");
    bed.feed(0, revoked(&account(1)));
    bed.feed(0, sign_in_answer(account(2)));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.shown(0), [""; 0]);
    assert_eq!(bed.log().events(user(2)).len(), 0);
    assert_eq!(bed.state(0).events.foreign_count(), 1);
    // They are sent when their owner signs in again.
    let tab = bed.reopen(0);
    bed.feed(tab, sign_in_answer(account(1)));
    bed.wait(MINUTE_MS);
    assert_eq!((bed.logged(), bed.shown(tab)), (1, vec!["mine 0–".to_owned()]));
}

#[test]
fn a_sign_in_in_one_tab_signs_in_all_tabs() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(None);
    let (one, two) = (bed.open(profile), bed.open(profile));
    bed.start(two, "tea");
    bed.feed(one, sign_in_answer(account(1)));
    bed.wait(MINUTE_MS);
    assert_eq!((bed.badge(one), bed.badge(two)), (SyncBadge::Saved, SyncBadge::Saved));
    assert_eq!(bed.shown(one), bed.shown(two));
    bed.act(two, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    assert_eq!((bed.badge(one), bed.badge(two)), (SyncBadge::Guest, SyncBadge::Guest));
}

/// A request on the earlier connection is no longer pending.
#[test]
fn a_sign_in_during_a_changes_request_does_not_block_catch_up() {
    let mut bed = TestBed::with_devices(2);
    bed.set_server(ServerBehavior::SilentChanges);
    bed.feed(0, Input::Page(PageEvent::Visible));
    bed.set_server(ServerBehavior::Normal);
    bed.feed(0, sign_in_answer(account(1)));
    bed.start(1, "tea");
    bed.wait(2_000);
    assert_eq!(bed.shown(0), bed.shown(1));
}

#[test]
fn a_late_reply_about_an_old_token_does_not_sign_out() {
    let mut bed = TestBed::with_devices(1);
    let old = account(1);
    bed.feed(0, sign_in_answer(Account { token: "newer".to_owned(), ..account(1) }));
    bed.feed(0, revoked(&old));
    assert!(bed.state(0).session.active().is_some());
}

#[test]
fn tabs_that_sign_in_at_the_same_time_end_with_one_session() {
    let mut bed = TestBed::with_devices(1);
    let tab = bed.open(0);
    let key = StorageKey::Session.write();
    let mine = bed.profile(0).local_storage[&key].clone();
    // The other tab signs in anew before it is notified of the session that this one wrote.
    bed.feed(tab, sign_in_answer(Account { token: "newer".to_owned(), ..account(1) }));
    let theirs = bed.profile(0).local_storage[&key].clone();
    bed.feed(tab, Input::PeerStored { key: key.clone(), value: mine });
    assert_eq!(bed.profile(0).local_storage[&key], theirs, "nothing is written back");
    for tab in [0, tab] {
        let account = bed.state(tab).session.account();
        assert_eq!(account.map(|it| it.token.as_str()), Some("newer"));
    }
}
