//! One user on several devices and tabs.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::SyncBadge;
use wizitime::features::{EntryIntent, Intent, ProjectIntent, TimerIntent};
use wizitime_domain::{Color, EntryId, ProjectId, TimeEntryChanges};
use wizitime_protocol::messages::GET_LATEST_TIME_ENTRIES;

use crate::test_bed::TestBed;

const MINUTE_MS: u64 = 60_000;

fn only_entry(bed: &TestBed, tab: usize) -> EntryId {
    bed.state(tab).ledger.shown().entries().next().unwrap().id
}

#[test]
fn a_second_device_shows_every_change() {
    let mut bed = TestBed::with_devices(2);
    bed.start(0, "tea");
    bed.wait(1_000);
    assert_eq!(bed.shown(1), ["tea 0–"]);
    bed.wait(10 * MINUTE_MS);
    bed.act(1, Intent::Timer(TimerIntent::Stop));
    bed.wait(1_000);
    assert_eq!(bed.shown(0), ["tea 0–10"]);
    let changes =
        TimeEntryChanges { description: Some("cake".into()), ..TimeEntryChanges::default() };
    let entry_id = only_entry(&bed, 0);
    bed.act(0, Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) }));
    bed.wait(1_000);
    assert_eq!(bed.shown(1), ["cake 0–10"]);
    bed.act(1, Intent::Entry(EntryIntent::Delete { entry_id }));
    bed.wait(1_000);
    assert_eq!(bed.shown(0), [""; 0]);
    bed.act(1, Intent::Entry(EntryIntent::Restore { entry_id }));
    bed.wait(1_000);
    assert_eq!(bed.shown(0), ["cake 0–10"]);
    assert_eq!(bed.badge(0), SyncBadge::Saved);
}

#[test]
fn an_event_is_on_disk_before_it_is_shown_or_sent() {
    let mut bed = TestBed::with_devices(1);
    bed.record(0).steps.clear();
    bed.start(0, "tea");
    bed.wait(1_000);
    let steps = ["store", "render", "send BULK_EVENT"];
    let places = steps.map(|step| bed.record(0).steps.iter().position(|it| it == step).unwrap());
    assert!(places.is_sorted(), "{:?}", bed.record(0).steps);
}

#[test]
fn events_recorded_offline_arrive_once_on_both_devices() {
    let mut bed = TestBed::with_devices(2);
    bed.set_online(0, false);
    bed.start(0, "tunnel");
    bed.wait(20 * MINUTE_MS);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 2 });
    let tab = bed.reopen(0);
    assert_eq!(bed.shown(tab), ["tunnel 0–20"], "also after the browser was closed");
    bed.set_online(0, true);
    bed.wait(2 * MINUTE_MS);
    assert_eq!(bed.shown(1), ["tunnel 0–20"]);
    assert_eq!(bed.shown(tab), ["tunnel 0–20"]);
    assert_eq!(bed.logged(), 2);
    let kept = bed.profile(0).local_storage.keys().filter(|key| key.starts_with("wizi.event"));
    assert_eq!(kept.count(), 0, "the buffer is empty");
}

/// A lost network does not close a socket at once, but the page is notified.
#[test]
fn the_badge_shows_waiting_without_a_network() {
    let mut bed = TestBed::with_devices(1);
    bed.feed(0, Input::Page(PageEvent::Offline));
    bed.start(0, "tunnel");
    assert_eq!(bed.badge(0), SyncBadge::Waiting { count: 1 });
    bed.wait(1_000);
    assert_eq!(bed.badge(0), SyncBadge::Saved, "a reply shows that there is a network");
}

#[test]
fn two_clocks_started_offline_become_one() {
    let mut bed = TestBed::with_devices(2);
    bed.set_online(0, false);
    bed.set_online(1, false);
    bed.start(0, "early");
    bed.wait(5 * MINUTE_MS);
    bed.start(1, "late");
    bed.set_online(1, true);
    bed.wait(MINUTE_MS);
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    for tab in 0..2 {
        assert_eq!(bed.shown(tab), ["early 0–5", "late 5–"]);
    }
}

#[test]
fn a_late_stop_does_not_move_the_first_stop() {
    let mut bed = TestBed::with_devices(2);
    bed.start(0, "tea");
    bed.wait(MINUTE_MS);
    bed.set_online(1, false);
    bed.wait(9 * MINUTE_MS);
    bed.act(0, Intent::Timer(TimerIntent::Stop));
    bed.wait(50 * MINUTE_MS);
    bed.act(1, Intent::Timer(TimerIntent::Stop));
    assert_eq!(bed.shown(1), ["tea 0–60"], "before it has the first stop");
    bed.set_online(1, true);
    bed.wait(MINUTE_MS);
    assert_eq!(bed.shown(0), ["tea 0–10"]);
    assert_eq!(bed.shown(1), ["tea 0–10"]);
    assert_eq!(bed.state(1).connection.superseded_count, 1);
}

#[test]
fn two_tabs_of_a_profile_record_at_the_same_time() {
    let mut bed = TestBed::with_devices(1);
    let second = bed.open(0);
    bed.wait(1_000);
    bed.set_online(0, false);
    for round in 0..5 {
        bed.start(0, &format!("first {round}"));
        bed.wait(MINUTE_MS);
        bed.start(second, &format!("second {round}"));
        bed.wait(MINUTE_MS);
        assert_eq!(bed.shown(0), bed.shown(second), "also without a network");
    }
    bed.set_online(0, true);
    bed.wait(2 * MINUTE_MS);
    assert_eq!(bed.logged(), 10);
    assert_eq!((bed.waiting(0), bed.waiting(second)), (0, 0));
    assert_eq!(bed.shown(0), bed.shown(second));
    assert_eq!(bed.shown(0).len(), 10);
}

#[test]
fn a_project_created_for_an_entry_is_sent_before_the_change_of_the_entry() {
    let mut bed = TestBed::with_devices(2);
    bed.set_online(0, false);
    bed.start(0, "logo");
    let entry_id = only_entry(&bed, 0);
    let project_id = ProjectId::from_bytes([7; 16]);
    create_project(&mut bed, project_id, Some(entry_id));
    bed.set_online(0, true);
    bed.wait(MINUTE_MS);
    let ledger = bed.state(1).ledger.shown();
    assert_eq!(ledger.entry(entry_id).unwrap().project_id, Some(project_id));
    assert_eq!(ledger.project(project_id).unwrap().name, "Acme");
}

#[test]
fn projects_of_equal_names_have_the_ids_of_their_intents() {
    let mut bed = TestBed::with_devices(2);
    // Not in the order of their creation, so that the newest is not the greatest.
    let ids = [9, 8].map(|byte| ProjectId::from_bytes([byte; 16]));
    ids.iter().for_each(|id| create_project(&mut bed, *id, None));
    bed.wait(MINUTE_MS);
    for device in [0, 1] {
        let ledger = bed.state(device).ledger.shown();
        assert_eq!(ids.map(|id| ledger.project(id).unwrap().name.clone()), ["Acme", "Acme"]);
        assert_eq!(ledger.projects().count(), 2);
    }
}

fn create_project(bed: &mut TestBed, project_id: ProjectId, entry_id: Option<EntryId>) {
    let (name, color) = ("Acme".to_owned(), Color::Teal);
    bed.act(0, Intent::Project(ProjectIntent::Create { project_id, name, color, entry_id }));
}

#[test]
fn a_lost_broadcast_only_delays_changes() {
    let mut bed = TestBed::with_devices(2);
    bed.record(1).loses_broadcasts = true;
    bed.start(0, "tea");
    bed.wait(1_000);
    assert_eq!(bed.shown(1), [""; 0]);
    bed.wait(2 * MINUTE_MS);
    assert_eq!(bed.shown(1), ["tea 0–"]);
}

fn requests_for_changes(bed: &mut TestBed) -> usize {
    let name = format!("send {GET_LATEST_TIME_ENTRIES}");
    bed.record(0).steps.iter().filter(|it| **it == name).count()
}

/// Both the broadcast and the reply name the cursor of the push.
#[test]
fn the_changes_of_an_own_push_are_requested_once() {
    let mut bed = TestBed::with_devices(1);
    bed.wait(1_000);
    bed.record(0).steps.clear();
    bed.start(0, "tea");
    bed.wait(1_000);
    assert_eq!((bed.badge(0), requests_for_changes(&mut bed)), (SyncBadge::Saved, 1));
}

/// The log may grow between the join and the subscription to broadcasts.
#[test]
fn changes_are_requested_after_a_join_at_the_same_cursor() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "tea");
    bed.wait(1_000);
    bed.set_online(0, false);
    bed.wait(1_000);
    bed.record(0).steps.clear();
    bed.set_online(0, true);
    bed.wait(1_000);
    assert_eq!(requests_for_changes(&mut bed), 1);
}
