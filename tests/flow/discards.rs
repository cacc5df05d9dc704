//! Discarded events stay discarded, and nothing else is discarded with them.

use wizitime::app::input::{Input, PageEvent, SignInReply};
use wizitime::features::{AccountIntent, Intent, SyncBadge, SyncIntent};
use wizitime::sync::record::QuarantineCode;
use wizitime_domain::{
    EntryId, Event, ProjectChanges, ProjectId, TimeEntryChanges, UpdateProject, UpdateTimeEntry,
};

use crate::desk::{Desk, account};
use crate::faults::plant;

const MINUTE_MS: u64 = 60_000;

fn sign_out_and_discard(desk: &mut Desk, tab: usize) {
    desk.act(tab, Intent::Account(AccountIntent::SignOut { discard_unsynced: true }));
}

fn sign_in(desk: &mut Desk, tab: usize) {
    let account = account(1);
    let reply = SignInReply {
        user_id: account.user_id,
        email: account.email,
        token: account.token,
        channel: account.channel,
    };
    desk.feed(tab, Input::SignInAnswered(Ok(reply)));
}

/// Two tabs of one profile, offline, with one waiting event that both show.
fn two_tabs_with_a_waiting_event() -> Desk {
    let mut desk = Desk::with_devices(1);
    desk.open(0);
    desk.set_online(0, false);
    desk.start(0, "tea");
    assert_eq!((desk.shown(0), desk.shown(1)), (vec!["tea 0–".to_owned()], desk.shown(0)));
    desk
}

fn assert_discarded(desk: &mut Desk) {
    desk.set_online(0, true);
    desk.wait(3 * MINUTE_MS);
    assert_eq!(desk.logged(), 0, "the event is not sent");
    for tab in 0..desk.tabs.len() {
        assert_eq!((desk.shown(tab), desk.waiting(tab)), (Vec::new(), 0), "tab {tab}");
    }
    let stored = &desk.profiles[0].stored;
    assert!(stored.keys().all(|key| !key.starts_with("wizi.event.")), "{stored:?}");
}

#[test]
fn events_discarded_at_sign_out_do_not_return_through_another_tab() {
    let mut desk = two_tabs_with_a_waiting_event();
    sign_out_and_discard(&mut desk, 0);
    sign_in(&mut desk, 0);
    assert_discarded(&mut desk);
}

#[test]
fn events_discarded_at_sign_out_do_not_return_through_a_frozen_tab() {
    let mut desk = two_tabs_with_a_waiting_event();
    desk.freeze(1);
    sign_out_and_discard(&mut desk, 0);
    sign_in(&mut desk, 0);
    desk.thaw(1);
    assert_discarded(&mut desk);
}

#[test]
fn events_discarded_at_sign_out_do_not_return_through_a_tab_that_missed_every_change() {
    let mut desk = two_tabs_with_a_waiting_event();
    desk.freeze(1);
    sign_out_and_discard(&mut desk, 0);
    sign_in(&mut desk, 0);
    desk.resume(1);
    desk.feed(1, Input::Page(PageEvent::Visible));
    assert_discarded(&mut desk);
}

#[test]
fn a_discarded_event_that_another_tab_wrote_again_is_removed() {
    let mut desk = two_tabs_with_a_waiting_event();
    let before = desk.profiles[0].stored.clone();
    desk.freeze(1);
    sign_out_and_discard(&mut desk, 0);
    let is_event = |key: &String| key.starts_with("wizi.event.");
    let events = before.into_iter().filter(|(key, _)| is_event(key));
    desk.profiles[0].stored.extend(events);
    sign_in(&mut desk, 0);
    desk.resume(1);
    desk.feed(1, Input::Page(PageEvent::Visible));
    assert_discarded(&mut desk);
}

#[test]
fn a_crash_does_not_bring_discarded_events_back() {
    let mut desk = Desk::with_devices(1);
    desk.set_online(0, false);
    desk.start(0, "tea");
    let before = desk.profiles[0].stored.clone();
    sign_out_and_discard(&mut desk, 0);
    // localStorage is as it was seconds ago; the durable copy is not.
    desk.profiles[0].stored = before;
    desk.reopen(0);
    assert_discarded(&mut desk);
}

#[test]
fn a_read_of_the_durable_copy_that_was_under_way_brings_no_discarded_event_back() {
    let mut desk = two_tabs_with_a_waiting_event();
    let outdated = desk.profiles[0].mirror.clone().map(|mirror| mirror.into_iter().collect());
    sign_out_and_discard(&mut desk, 0);
    sign_in(&mut desk, 0);
    desk.feed(1, Input::DurableCopyRead { stored: outdated });
    assert_discarded(&mut desk);
}

#[test]
fn a_full_storage_still_takes_the_marker_of_discarded_events() {
    let mut desk = two_tabs_with_a_waiting_event();
    desk.profiles[0].full = true;
    sign_out_and_discard(&mut desk, 0);
    assert_eq!(desk.attention(0), SyncBadge::Guest, "nothing is reported as unsaved");
}

#[test]
fn markers_of_discarded_events_are_removed_after_a_month() {
    let mut desk = two_tabs_with_a_waiting_event();
    sign_out_and_discard(&mut desk, 0);
    let is_marker = |key: &String| key.starts_with("wizi.discarded.");
    let count = |desk: &Desk| desk.profiles[0].stored.keys().filter(|it| is_marker(it)).count();
    assert_eq!(count(&desk), 1);
    desk.wait(31 * 24 * 60 * MINUTE_MS);
    desk.feed(0, Input::Page(PageEvent::Visible));
    assert_eq!(count(&desk), 0);
}

/// The dependent names an entity of another rejected event, but does not depend on that event.
#[test]
fn discarding_a_rejected_event_keeps_dependents_of_another_one() {
    let mut desk = Desk::empty();
    let profile = desk.add_profile(Some(&account(1)));
    let (project_id, entry_id) = (ProjectId::from_bytes([70; 16]), EntryId::from_bytes([77; 16]));
    let update_project = Event::UpdateProject(UpdateProject {
        project_id,
        changes: ProjectChanges { name: Some("x".to_owned()), ..ProjectChanges::default() },
    });
    let update_entry =
        |changes| Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: entry_id, changes });
    let describe = TimeEntryChanges { description: Some("x".to_owned()), ..Default::default() };
    let assign = TimeEntryChanges { project_id: Some(Some(project_id)), ..Default::default() };
    let project_root = plant(&mut desk, profile, 1, update_project);
    let entry_root = plant(&mut desk, profile, 2, update_entry(describe));
    let dependent = plant(&mut desk, profile, 3, update_entry(assign));
    let tab = desk.open(profile);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.attention(tab), SyncBadge::NeedsAttention { count: 3 });
    // Also after the reason was read from storage.
    let tab = desk.reopen(profile);
    let events = &desk.tabs[tab].client.state().events;
    let reason = events.find_quarantined(dependent).unwrap().reason;
    assert_eq!((reason.code, reason.root_cause), (QuarantineCode::Dependent, Some(entry_root)));

    let discard = |event_id| Intent::Sync(SyncIntent::DiscardQuarantined { event_id });
    desk.act(tab, discard(project_root));
    let events = &desk.tabs[tab].client.state().events;
    assert!(events.find_quarantined(dependent).is_some(), "it depends on another root cause");
    desk.act(tab, discard(entry_root));
    assert_eq!(desk.tabs[tab].client.state().events.quarantined_count(), 0);
}
