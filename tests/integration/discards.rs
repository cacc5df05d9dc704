//! Discarded events stay discarded, and nothing else is discarded with them.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::{AccountIntent, Intent, SyncBadge, SyncIntent};
use wizitime::store::record::{BufferedEvent, QuarantineCode};
use wizitime::sync::DiscardMarker;
use wizitime_domain::{
    EntryId, Event, ProjectChanges, ProjectId, TimeEntryChanges, Timestamp, UpdateProject,
    UpdateTimeEntry,
};

use crate::faults::plant;
use crate::test_bed::{NINE_MS, TestBed, account, sign_in_answer};

const MINUTE_MS: u64 = 60_000;

fn sign_out_and_discard(bed: &mut TestBed, tab: usize) {
    bed.act(tab, Intent::Account(AccountIntent::SignOut { discard_unsynced: true }));
}

fn sign_in(bed: &mut TestBed, tab: usize) {
    bed.feed(tab, sign_in_answer(account(1)));
}

/// Two tabs of one profile, offline, with one waiting event that both show.
fn two_tabs_with_a_waiting_event() -> TestBed {
    let mut bed = TestBed::with_devices(1);
    bed.open(0);
    bed.set_online(0, false);
    bed.start(0, "tea");
    assert_eq!((bed.shown(0), bed.shown(1)), (vec!["tea 0–".to_owned()], bed.shown(0)));
    bed
}

fn assert_discarded(bed: &mut TestBed, tabs: &[usize]) {
    bed.set_online(0, true);
    bed.wait(3 * MINUTE_MS);
    assert_eq!(bed.logged(), 0, "the event is not sent");
    for tab in tabs {
        assert_eq!((bed.shown(*tab), bed.waiting(*tab)), (Vec::new(), 0), "tab {tab}");
    }
    let stored = bed.stored(0);
    assert!(stored.iter().all(|(key, _)| !key.starts_with("wizi.event.")), "{stored:?}");
}

#[test]
fn events_discarded_at_sign_out_do_not_return_through_another_tab() {
    let mut bed = two_tabs_with_a_waiting_event();
    sign_out_and_discard(&mut bed, 0);
    sign_in(&mut bed, 0);
    assert_discarded(&mut bed, &[0, 1]);
}

#[test]
fn events_discarded_at_sign_out_do_not_return_through_a_frozen_tab() {
    let mut bed = two_tabs_with_a_waiting_event();
    bed.freeze(1);
    sign_out_and_discard(&mut bed, 0);
    sign_in(&mut bed, 0);
    bed.thaw(1);
    assert_discarded(&mut bed, &[0, 1]);
}

#[test]
fn a_leader_that_was_frozen_does_not_send_what_another_tab_discarded() {
    let mut bed = TestBed::with_devices(1);
    bed.open(0);
    bed.freeze(0);
    bed.start(1, "tea");
    // The follower has pinged the leader, and has not stolen the lock yet.
    bed.wait(3_000);
    assert!(bed.is_leader(0));
    sign_out_and_discard(&mut bed, 1);
    bed.thaw(0);
    assert_discarded(&mut bed, &[0, 1]);
}

/// Writes a marker as another tab does, and removes the event if `removes`. No tab is notified.
fn discard_silently(bed: &mut TestBed, removes: bool) {
    let events: Vec<BufferedEvent> = bed.state(0).events.waiting().cloned().collect();
    let at = Timestamp::saturating_from_ms(NINE_MS);
    let (key, text) = DiscardMarker::write(&events, at).unwrap();
    let stored = &mut bed.profile(0).local_storage;
    stored.insert(key, text);
    stored.retain(|key, _| !removes || !key.starts_with("wizi.event."));
}

#[test]
fn a_tab_that_missed_every_change_finds_the_marker_of_discarded_events() {
    let mut bed = two_tabs_with_a_waiting_event();
    discard_silently(&mut bed, true);
    for tab in [0, 1] {
        bed.feed(tab, Input::Page(PageEvent::Visible));
    }
    assert_discarded(&mut bed, &[0, 1]);
}

#[test]
fn a_discarded_event_that_another_tab_wrote_again_is_removed() {
    let mut bed = two_tabs_with_a_waiting_event();
    discard_silently(&mut bed, false);
    bed.feed(1, Input::Page(PageEvent::Visible));
    assert_discarded(&mut bed, &[1]);
}

#[test]
fn a_discarded_event_that_is_written_again_without_its_marker_is_removed() {
    let mut bed = two_tabs_with_a_waiting_event();
    let before = bed.profile(0).local_storage.clone();
    sign_out_and_discard(&mut bed, 0);
    sign_in(&mut bed, 0);
    // The site's data was cleared, and a new tab found the event in the durable copy.
    let (key, value) = before.into_iter().find(|(key, _)| key.starts_with("wizi.event.")).unwrap();
    let stored = &mut bed.profile(0).local_storage;
    stored.retain(|key, _| !key.starts_with("wizi.discarded."));
    stored.insert(key.clone(), value.clone());
    bed.feed(1, Input::PeerStored { key, value });
    let stored = bed.stored(0);
    assert!(stored.iter().any(|(key, _)| key.starts_with("wizi.discarded.")), "{stored:?}");
    assert_discarded(&mut bed, &[0, 1]);
}

#[test]
fn a_crash_does_not_bring_discarded_events_back() {
    let mut bed = TestBed::with_devices(1);
    bed.set_online(0, false);
    bed.start(0, "tea");
    let before = bed.profile(0).local_storage.clone();
    sign_out_and_discard(&mut bed, 0);
    // localStorage is as it was seconds ago; the durable copy is not.
    bed.profile(0).local_storage = before;
    let tab = bed.reopen(0);
    assert_discarded(&mut bed, &[tab]);
}

#[test]
fn a_crash_does_not_requeue_a_discarded_event_from_quarantine() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(Some(&account(1)));
    let entry_id = EntryId::from_bytes([77; 16]);
    let changes = TimeEntryChanges { description: Some("x".to_owned()), ..Default::default() };
    let update = Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: entry_id, changes });
    let event_id = plant(&mut bed, profile, 1, update);
    let tab = bed.open(profile);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::NeedsAttention { count: 1 });
    let before = bed.profile(profile).local_storage.clone();
    bed.act(tab, Intent::Sync(SyncIntent::DiscardQuarantined { event_id }));
    bed.profile(profile).local_storage = before;
    let tab = bed.reopen(profile);
    assert_discarded(&mut bed, &[tab]);
    assert_eq!(bed.state(tab).events.quarantined_count(), 0);
}

#[test]
fn a_read_of_the_durable_copy_that_was_under_way_brings_no_discarded_event_back() {
    let mut bed = two_tabs_with_a_waiting_event();
    let outdated = Some(bed.profile(0).durable_copy.clone().into_iter().collect());
    sign_out_and_discard(&mut bed, 0);
    sign_in(&mut bed, 0);
    bed.feed(1, Input::DurableCopyRead { stored: outdated });
    assert_discarded(&mut bed, &[0, 1]);
}

#[test]
fn a_full_storage_still_takes_the_marker_of_discarded_events() {
    let mut bed = two_tabs_with_a_waiting_event();
    bed.set_full(0, true);
    sign_out_and_discard(&mut bed, 0);
    assert_eq!(bed.badge(0), SyncBadge::Guest, "nothing is reported as unsaved");
}

#[test]
fn markers_of_discarded_events_are_removed_after_a_month() {
    let mut bed = two_tabs_with_a_waiting_event();
    sign_out_and_discard(&mut bed, 0);
    let is_marker = |key: &str| key.starts_with("wizi.discarded.");
    let count = |bed: &TestBed| bed.stored(0).iter().filter(|(key, _)| is_marker(key)).count();
    assert_eq!(count(&bed), 1);
    bed.wait(31 * 24 * 60 * MINUTE_MS);
    bed.feed(0, Input::Page(PageEvent::Visible));
    assert_eq!(count(&bed), 0);
}

/// The dependent names an entity of another rejected event, but does not depend on that event.
#[test]
fn discarding_a_rejected_event_keeps_dependents_of_another_one() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(Some(&account(1)));
    let (project_id, entry_id) = (ProjectId::from_bytes([70; 16]), EntryId::from_bytes([77; 16]));
    let update_project = Event::UpdateProject(UpdateProject {
        project_id,
        changes: ProjectChanges { name: Some("x".to_owned()), ..ProjectChanges::default() },
    });
    let update_entry =
        |changes| Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: entry_id, changes });
    let describe = TimeEntryChanges { description: Some("x".to_owned()), ..Default::default() };
    let assign = TimeEntryChanges { project_id: Some(Some(project_id)), ..Default::default() };
    let project_root = plant(&mut bed, profile, 1, update_project);
    let entry_root = plant(&mut bed, profile, 2, update_entry(describe));
    let dependent = plant(&mut bed, profile, 3, update_entry(assign));
    let tab = bed.open(profile);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::NeedsAttention { count: 3 });
    // Also after the reason was read from storage.
    let tab = bed.reopen(profile);
    let events = &bed.state(tab).events;
    let reason = events.find_quarantined(dependent).unwrap().reason;
    assert_eq!((reason.code, reason.root_cause), (QuarantineCode::Dependent, Some(entry_root)));

    let discard = |event_id| Intent::Sync(SyncIntent::DiscardQuarantined { event_id });
    bed.act(tab, discard(project_root));
    let events = &bed.state(tab).events;
    assert!(events.find_quarantined(dependent).is_some(), "it depends on another root cause");
    bed.act(tab, discard(entry_root));
    assert_eq!(bed.state(tab).events.quarantined_count(), 0);
}

#[test]
fn a_tab_does_not_take_a_quarantined_event_for_acknowledged() {
    let mut bed = TestBed::empty();
    let profile = bed.add_profile(Some(&account(1)));
    let entry_id = EntryId::from_bytes([77; 16]);
    let changes = TimeEntryChanges { description: Some("x".to_owned()), ..Default::default() };
    let update = Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: entry_id, changes });
    plant(&mut bed, profile, 1, update);
    let stored = bed.profile(profile).local_storage.clone();
    let (key, value) = stored.into_iter().find(|(key, _)| key.starts_with("wizi.event.")).unwrap();
    let (leader, follower) = (bed.open(profile), bed.open(profile));
    bed.wait(MINUTE_MS);
    bed.record(follower).is_cut_off = true;
    bed.close(follower, Some(1006));
    // A third tab was closed in the middle of a retry: the event is under both keys. The leader's
    // move into quarantine writes the same text again, which other tabs do not notice.
    bed.profile(profile).local_storage.insert(key.clone(), value.clone());
    for tab in [leader, follower] {
        bed.feed(tab, Input::PeerStored { key: key.clone(), value: value.clone() });
    }
    bed.wait(500);
    bed.close_tab(leader);
    assert!(bed.is_leader(follower));
    bed.record(follower).is_cut_off = false;
    bed.wait(2 * MINUTE_MS);
    assert_eq!(bed.badge(follower), SyncBadge::NeedsAttention { count: 1 });
    let stored = bed.stored(profile);
    assert!(stored.iter().any(|(key, _)| key.starts_with("wizi.quarantine.")), "{stored:?}");
}
