//! One person, several devices and tabs.

use wizitime::app::input::{Input, PageEvent};
use wizitime::features::SyncBadge;
use wizitime::features::{EntryIntent, Intent, ProjectIntent, TimerIntent};
use wizitime_domain::{Color, EntryId, TimeEntryChanges};

use crate::desk::Desk;

const MINUTE_MS: u64 = 60_000;

fn only_entry(desk: &Desk, tab: usize) -> EntryId {
    desk.tabs[tab].client.state().ledger.shown().entries().next().unwrap().id
}

#[test]
fn a_second_device_sees_every_step() {
    let mut desk = Desk::with_devices(2);
    desk.start(0, "tea");
    desk.wait(1_000);
    assert_eq!(desk.shown(1), ["tea 0–"]);
    desk.wait(10 * MINUTE_MS);
    desk.act(1, Intent::Timer(TimerIntent::Stop));
    desk.wait(1_000);
    assert_eq!(desk.shown(0), ["tea 0–10"]);
    let changes =
        TimeEntryChanges { description: Some("cake".into()), ..TimeEntryChanges::default() };
    let entry_id = only_entry(&desk, 0);
    desk.act(0, Intent::Entry(EntryIntent::Edit { entry_id, changes: Box::new(changes) }));
    desk.wait(1_000);
    assert_eq!(desk.shown(1), ["cake 0–10"]);
    desk.act(1, Intent::Entry(EntryIntent::Delete { entry_id }));
    desk.wait(1_000);
    assert_eq!(desk.shown(0), [""; 0]);
    desk.act(1, Intent::Entry(EntryIntent::Restore { entry_id }));
    desk.wait(1_000);
    assert_eq!(desk.shown(0), ["cake 0–10"]);
    assert_eq!(desk.attention(0), SyncBadge::Saved);
}

#[test]
fn an_event_is_on_disk_before_it_is_shown_or_sent() {
    let mut desk = Desk::with_devices(1);
    desk.tabs[0].log.clear();
    desk.start(0, "tea");
    desk.wait(1_000);
    let steps = ["store", "render", "send BULK_EVENT"];
    let places = steps.map(|step| desk.tabs[0].log.iter().position(|it| it == step).unwrap());
    assert!(places.is_sorted(), "{:?}", desk.tabs[0].log);
}

#[test]
fn what_was_tracked_offline_arrives_once_on_both() {
    let mut desk = Desk::with_devices(2);
    desk.set_online(0, false);
    desk.start(0, "tunnel");
    desk.wait(20 * MINUTE_MS);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    assert_eq!(desk.attention(0), SyncBadge::Waiting { count: 2 });
    desk.reopen(0);
    let tab = desk.tabs.len() - 1;
    assert_eq!(desk.shown(tab), ["tunnel 0–20"], "also after closing the browser");
    desk.set_online(0, true);
    desk.wait(2 * MINUTE_MS);
    assert_eq!(desk.shown(0), ["tunnel 0–20"]);
    assert_eq!(desk.shown(tab), ["tunnel 0–20"]);
    assert_eq!(desk.logged(), 2);
    let kept = desk.profiles[0].stored.keys().filter(|key| key.starts_with("wizi.event"));
    assert_eq!(kept.count(), 0, "the buffer is empty");
}

/// A network that goes does not close a socket at once, but the device says so.
#[test]
fn without_a_network_nothing_is_said_to_be_on_its_way() {
    let mut desk = Desk::with_devices(1);
    desk.feed(0, Input::Page(PageEvent::Offline));
    desk.start(0, "tunnel");
    assert_eq!(desk.attention(0), SyncBadge::Waiting { count: 1 });
    desk.wait(1_000);
    assert_eq!(desk.attention(0), SyncBadge::Saved, "an answer shows that there is one after all");
}

#[test]
fn two_clocks_started_offline_become_one() {
    let mut desk = Desk::with_devices(2);
    desk.set_online(0, false);
    desk.set_online(1, false);
    desk.start(0, "early");
    desk.wait(5 * MINUTE_MS);
    desk.start(1, "late");
    desk.set_online(1, true);
    desk.wait(MINUTE_MS);
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    for tab in 0..2 {
        assert_eq!(desk.shown(tab), ["early 0–5", "late 5–"]);
    }
}

#[test]
fn a_stale_stop_does_not_move_the_first() {
    let mut desk = Desk::with_devices(2);
    desk.start(0, "tea");
    desk.wait(MINUTE_MS);
    desk.set_online(1, false);
    desk.wait(9 * MINUTE_MS);
    desk.act(0, Intent::Timer(TimerIntent::Stop));
    desk.wait(50 * MINUTE_MS);
    desk.act(1, Intent::Timer(TimerIntent::Stop));
    assert_eq!(desk.shown(1), ["tea 0–60"], "as far as that device knows");
    desk.set_online(1, true);
    desk.wait(MINUTE_MS);
    assert_eq!(desk.shown(0), ["tea 0–10"]);
    assert_eq!(desk.shown(1), ["tea 0–10"]);
    assert_eq!(desk.tabs[1].client.state().connection.superseded_count, 1);
}

#[test]
fn two_tabs_of_a_profile_record_at_once() {
    let mut desk = Desk::with_devices(1);
    let second = desk.open(0);
    desk.wait(1_000);
    desk.set_online(0, false);
    for round in 0..5 {
        desk.start(0, &format!("first {round}"));
        desk.wait(MINUTE_MS);
        desk.start(second, &format!("second {round}"));
        desk.wait(MINUTE_MS);
        assert_eq!(desk.shown(0), desk.shown(second), "without a network too");
    }
    desk.set_online(0, true);
    desk.wait(2 * MINUTE_MS);
    assert_eq!(desk.logged(), 10);
    assert_eq!((desk.waiting(0), desk.waiting(second)), (0, 0));
    assert_eq!(desk.shown(0), desk.shown(second));
    assert_eq!(desk.shown(0).len(), 10);
}

#[test]
fn a_project_made_in_place_comes_before_the_entry_that_uses_it() {
    let mut desk = Desk::with_devices(2);
    desk.set_online(0, false);
    desk.start(0, "logo");
    let entry_id = only_entry(&desk, 0);
    let name = "Acme".to_owned();
    desk.act(
        0,
        Intent::Project(ProjectIntent::Create {
            name,
            color: Color::Teal,
            entry_id: Some(entry_id),
        }),
    );
    desk.set_online(0, true);
    desk.wait(MINUTE_MS);
    let ledger = desk.tabs[1].client.state().ledger.shown();
    let project_id = ledger.entry(entry_id).unwrap().project_id.unwrap();
    assert_eq!(ledger.project(project_id).unwrap().name, "Acme");
}

#[test]
fn a_lost_hint_is_made_up_for() {
    let mut desk = Desk::with_devices(2);
    let deaf = desk.tabs.remove(1);
    desk.start(0, "tea");
    desk.wait(1_000);
    desk.tabs.push(deaf);
    assert_eq!(desk.shown(1), [""; 0]);
    desk.wait(2 * MINUTE_MS);
    assert_eq!(desk.shown(1), ["tea 0–"]);
}
