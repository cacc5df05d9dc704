//! Entries with a task of another project, as two devices can leave them.

use wizitime::features::{Intent, SyncBadge, TimerIntent};
use wizitime_domain::Timestamp;
use wizitime_hub::Batch;

use crate::test_bed::{TestBed, user};

const MINUTE_MS: u64 = 60_000;
/// The beginning of every id.
const ID: &str = "01890a5d-ac96-774b-bcce-0000000000";

/// A batch of events: type and payload, in which `#1` is the id that ends with 01.
fn batch(events: &[(&str, &str)]) -> Batch {
    let envelopes: Vec<String> = events
        .iter()
        .enumerate()
        .map(|(index, (event_type, event))| {
            format!(
                r##"{{"id":"{ID}{:02}","device_id":"#9","writer_id":"#9","seq":{index},"at":0,
                    "recorded_at":0,"zone":"UTC","v":1,"event_type":"{event_type}",
                    "event":{event}}}"##,
                50 + index
            )
        })
        .collect();
    let mut payload = format!(r#"{{"events":[{}]}}"#, envelopes.join(","));
    for digit in 1..10 {
        payload = payload.replace(&format!("#{digit}"), &format!("{ID}0{digit}"));
    }
    Batch::parse(wizitime_domain::json::parse(&payload).unwrap()).unwrap()
}

#[test]
fn entry_with_a_task_of_another_project_is_continued_without_the_task() {
    let project = |id: u8| {
        format!(
            r##"{{"project_id":"#{id}","name":"P","color":"teal","client_id":null,
                "billable":false}}"##
        )
    };
    let mut bed = TestBed::empty();
    // The second device had not seen the task when it changed the project.
    let events = batch(&[
        ("CREATE_PROJECT", &project(1)),
        ("CREATE_PROJECT", &project(2)),
        ("CREATE_TASK", r##"{"task_id":"#3","project_id":"#1","name":"T"}"##),
        (
            "CREATE_TIME_ENTRY",
            r##"{"time_entry_id":"#4","started_at":0,"stopped_at":1,"description":"tea",
                "project_id":"#1","task_id":"#3","tag_ids":[],"billable":false}"##,
        ),
        ("UPDATE_TIME_ENTRY", r##"{"time_entry_id":"#4","changes":{"project_id":"#2"}}"##),
    ]);
    bed.log_mut().append(user(1), events, Timestamp::MAX).unwrap();
    let profile = bed.add_profile(Some(&crate::test_bed::account(1)));
    let tab = bed.open(profile);
    bed.wait(MINUTE_MS);
    let entry = bed.state(tab).ledger.shown().entries().next().unwrap().clone();
    assert!(entry.task_id.is_some() && entry.project_id.is_some());
    bed.act(tab, Intent::Timer(TimerIntent::Continue { entry_id: entry.id }));
    bed.wait(MINUTE_MS);
    assert_eq!(bed.badge(tab), SyncBadge::Saved);
    let ledger = bed.log().ledger(user(1));
    let running = ledger.running().unwrap();
    assert_eq!((running.project_id, running.task_id), (entry.project_id, None));
}
