//! Undoing deletions, and edits of entries that are gone.

use wizitime::features::{EntryIntent, Intent, Refusal, TimerIntent};
use wizitime::store::slices::notices::Notice;
use wizitime_domain::{EntryId, TimeEntryChanges};

use crate::test_bed::TestBed;

const MINUTE_MS: u64 = 60_000;

/// A device with an entry for each of these descriptions.
fn tracked(descriptions: &[&str]) -> TestBed {
    let mut bed = TestBed::with_devices(1);
    for description in descriptions {
        bed.start(0, description);
        bed.wait(MINUTE_MS);
        bed.act(0, Intent::Timer(TimerIntent::Stop));
    }
    bed
}

fn entry(bed: &TestBed, description: &str) -> EntryId {
    let mut entries = bed.state(0).ledger.shown().entries();
    entries.find(|entry| entry.description == description).unwrap().id
}

fn delete(bed: &mut TestBed, description: &str) {
    let entry_id = entry(bed, description);
    bed.act(0, Intent::Entry(EntryIntent::Delete { entry_id }));
}

/// Restores what the notice offers.
fn undo(bed: &mut TestBed) {
    let Some(Notice::Deleted { entry_ids }) = bed.state(0).notices.current.clone() else {
        panic!("nothing can be undone");
    };
    let entry_id = *entry_ids.last().unwrap();
    bed.act(0, Intent::Entry(EntryIntent::Restore { entry_id }));
}

#[test]
fn deletions_are_undone_one_after_the_other() {
    let mut bed = tracked(&["tea", "cake"]);
    delete(&mut bed, "tea");
    delete(&mut bed, "cake");
    assert_eq!(bed.shown(0), [""; 0]);
    undo(&mut bed);
    assert_eq!(bed.shown(0), ["cake 1–2"]);
    undo(&mut bed);
    assert_eq!(bed.shown(0), ["tea 0–1", "cake 1–2"]);
    assert_eq!(bed.state(0).notices.current, None);
}

#[test]
fn undoing_a_deletion_gives_time_to_undo_the_one_before() {
    let mut bed = tracked(&["tea", "cake"]);
    delete(&mut bed, "tea");
    bed.wait(8_000);
    delete(&mut bed, "cake");
    bed.wait(8_000);
    undo(&mut bed);
    bed.wait(8_000);
    undo(&mut bed);
    assert_eq!(bed.shown(0), ["tea 0–1", "cake 1–2"]);
}

#[test]
fn discarded_clock_runs_again_after_undo() {
    let mut bed = TestBed::with_devices(1);
    bed.start(0, "by mistake");
    delete(&mut bed, "by mistake");
    assert_eq!(bed.shown(0), [""; 0]);
    assert!(bed.state(0).ledger.shown().running().is_none());
    undo(&mut bed);
    assert_eq!(bed.shown(0), ["by mistake 0–"]);
}

#[test]
fn edit_of_a_deleted_entry_is_refused() {
    let mut bed = tracked(&["tea"]);
    let entry_id = entry(&bed, "tea");
    delete(&mut bed, "tea");
    let description = Some("green tea".to_owned());
    let changes = Box::new(TimeEntryChanges { description, ..<_>::default() });
    bed.act(0, Intent::Entry(EntryIntent::Edit { entry_id, changes }));
    assert_eq!(bed.state(0).notices.current, Some(Notice::Refused(Refusal::Gone)));
    assert_eq!(bed.state(0).ledger.shown().entry(entry_id).unwrap().description, "tea");
}
