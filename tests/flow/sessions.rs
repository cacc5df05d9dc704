//! Signing in, out, and being turned away.

use wizitime::app::Secret;
use wizitime::app::effect::HttpCall;
use wizitime::app::input::{Input, PageEvent, SessionAnswer, SignInError, SignInReply};
use wizitime::features::SyncBadge;
use wizitime::features::{AccountIntent, Intent, TimerIntent};
use wizitime::store::slices::notices::Notice;
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;

use crate::desk::{Desk, Mood, account, user};

const MINUTE_MS: u64 = 60_000;

fn answer(account: Account) -> Input {
    let Account { user_id, email, token, channel, .. } = account;
    Input::SignInAnswered(Ok(SignInReply { user_id, email, token, channel }))
}

fn revoked(account: &Account) -> Input {
    let token = Secret(account.token.clone());
    Input::SessionAnswered(SessionAnswer::Revoked { token })
}

#[test]
fn a_guest_keeps_everything_and_takes_it_along() {
    let mut desk = Desk::empty();
    let profile = desk.add_profile(None);
    let tab = desk.open(profile);
    desk.start(tab, "guest work");
    desk.wait(5 * MINUTE_MS);
    desk.act(tab, Intent::Timer(TimerIntent::Stop));
    assert_eq!(desk.attention(tab), SyncBadge::Guest);
    let tab = desk.reopen(profile);
    assert_eq!(desk.shown(tab), ["guest work 0–5"]);
    let (email, password) = ("1@example.org".to_owned(), Secret("long enough".to_owned()));
    desk.act(tab, Intent::Account(AccountIntent::SignUp { email, password }));
    assert!(matches!(desk.tabs[tab].http[..], [HttpCall::SignUp { .. }]));
    desk.feed(tab, answer(account(1)));
    desk.wait(MINUTE_MS);
    assert_eq!(desk.shown(tab), ["guest work 0–5"]);
    assert_eq!((desk.logged(), desk.attention(tab)), (2, SyncBadge::Saved));
    assert!(desk.profiles[profile].stored.keys().all(|key| !key.contains("guest")));
}

#[test]
fn a_failed_sign_in_says_why_and_changes_nothing() {
    let mut desk = Desk::empty();
    let profile = desk.add_profile(None);
    let tab = desk.open(profile);
    desk.start(tab, "tea");
    let message = "The email or the password is wrong.".to_owned();
    let error = SignInError::Refused { message };
    desk.feed(tab, Input::SignInAnswered(Err(error.clone())));
    assert_eq!(desk.tabs[tab].client.state().session.error, Some(error));
    assert_eq!(desk.shown(tab), ["tea 0–"]);
}

#[test]
fn a_revoked_token_stops_syncing_but_not_recording() {
    let mut desk = Desk::with_devices(1);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    // The server closes the socket and lets nobody in with this token.
    desk.set_online(0, false);
    desk.wait(MINUTE_MS);
    assert!(matches!(desk.tabs[0].http[..], [HttpCall::Session { .. }, ..]), "it asks why");
    desk.feed(0, revoked(&account(1)));
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    assert_eq!(desk.attention(0), SyncBadge::SignIn { waiting: 1 });
    // Also after a restart, and nothing tries to connect meanwhile.
    let tab = desk.reopen(0);
    desk.online[0] = true;
    desk.wait(10 * MINUTE_MS);
    assert_eq!(desk.attention(tab), SyncBadge::SignIn { waiting: 1 });
    desk.feed(tab, answer(account(1)));
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.attention(tab)), (2, SyncBadge::Saved));
}

#[test]
fn an_unreachable_server_is_not_a_revoked_token() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.wait(10 * MINUTE_MS);
    desk.feed(0, Input::SessionAnswered(SessionAnswer::Unreachable));
    assert_eq!(desk.attention(0), SyncBadge::Offline);
    let asked = desk.tabs[0].http.len();
    assert!((1..=8).contains(&asked), "asked {asked} times in ten minutes");
}

#[test]
fn signing_out_is_refused_while_something_waits() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    desk.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    let notice = desk.tabs[0].client.state().notices.current.clone();
    assert_eq!(notice, Some(Notice::SignOutRefused { waiting: 1 }));
    assert_eq!(desk.shown(0), ["tea 0–"]);
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    desk.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    assert_eq!(desk.attention(0), SyncBadge::Guest);
    assert_eq!(desk.shown(0), [""; 0]);
    assert_eq!(desk.stored(0).len(), 1, "only the device's id stays: {:?}", desk.stored(0));
}

#[test]
fn waiting_changes_can_be_dropped_on_purpose() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    desk.act(0, Intent::Account(AccountIntent::SignOut { discard_unsynced: true }));
    assert_eq!(desk.attention(0), SyncBadge::Guest);
    let keys: Vec<String> = desk.profiles[0].stored.keys().cloned().collect();
    assert_eq!(keys.len(), 2, "the device's id and the marker of the discarded event: {keys:?}");
}

#[test]
fn somebody_elses_changes_are_kept_but_neither_shown_nor_sent() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "mine");
    desk.feed(0, revoked(&account(1)));
    desk.feed(0, answer(account(2)));
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.shown(0), [""; 0]);
    assert_eq!(desk.log.events(user(2)).len(), 0);
    assert_eq!(desk.tabs[0].client.state().events.foreign_count(), 1);
    // When their owner comes back, they go where they belong.
    let tab = desk.reopen(0);
    desk.feed(tab, answer(account(1)));
    desk.wait(MINUTE_MS);
    assert_eq!((desk.logged(), desk.shown(tab)), (1, vec!["mine 0–".to_owned()]));
}

#[test]
fn a_sign_in_in_one_tab_is_a_sign_in_in_all() {
    let mut desk = Desk::empty();
    let profile = desk.add_profile(None);
    let (one, two) = (desk.open(profile), desk.open(profile));
    desk.start(two, "tea");
    desk.feed(one, answer(account(1)));
    desk.wait(MINUTE_MS);
    assert_eq!((desk.attention(one), desk.attention(two)), (SyncBadge::Saved, SyncBadge::Saved));
    assert_eq!(desk.shown(one), desk.shown(two));
    desk.act(two, Intent::Account(AccountIntent::SignOut { discard_unsynced: false }));
    assert_eq!((desk.attention(one), desk.attention(two)), (SyncBadge::Guest, SyncBadge::Guest));
}

/// Whatever was awaited on the connection of before is awaited no longer.
#[test]
fn signing_in_again_while_news_are_awaited_does_not_wait_for_ever() {
    let mut desk = Desk::with_devices(2);
    desk.mood = Mood::Mute;
    desk.feed(0, Input::Page(PageEvent::Visible));
    desk.mood = Mood::Good;
    desk.feed(0, answer(account(1)));
    desk.start(1, "tea");
    desk.wait(2_000);
    assert_eq!(desk.shown(0), desk.shown(1));
}

#[test]
fn a_late_word_about_an_old_token_does_not_sign_out() {
    let mut desk = Desk::with_devices(1);
    let old = account(1);
    desk.feed(0, answer(Account { token: "newer".to_owned(), ..account(1) }));
    desk.feed(0, revoked(&old));
    assert!(desk.tabs[0].client.state().session.active().is_some());
}

#[test]
fn tabs_that_sign_in_at_once_end_with_one_session_and_fall_silent() {
    let mut desk = Desk::with_devices(1);
    let tab = desk.open(0);
    let key = StorageKey::Session.write();
    let mine = desk.profiles[0].stored[&key].clone();
    // The other tab signs in anew; only then comes the word that this one wrote before.
    desk.feed(tab, answer(Account { token: "newer".to_owned(), ..account(1) }));
    let theirs = desk.profiles[0].stored[&key].clone();
    desk.feed(tab, Input::PeerStored { key: key.clone(), value: mine });
    assert_eq!(desk.profiles[0].stored[&key], theirs, "nothing is written back");
    for tab in [0, tab] {
        let account = desk.tabs[tab].client.state().session.account();
        assert_eq!(account.map(|it| it.token.as_str()), Some("newer"));
    }
}
