//! Tests of the rules for new events.

use super::*;
use crate::{Envelope, EventProcessor};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a805";

const NOW: Timestamp = Timestamp::MIN;

/// An event as JSON: the type and the payload, in which `#1` is the id that ends with 1.
fn envelope(zone: &str, event_type: &str, event: &str) -> Envelope {
    let mut text = format!(
        r##"{{"id":"#0","device_id":"#0","writer_id":"#0","seq":1,"at":0,"recorded_at":0,
            "zone":"{zone}","v":1,"event_type":"{event_type}","event":{event}}}"##
    );
    for digit in 0..10 {
        text = text.replace(&format!("#{digit}"), &format!("{ID}{digit}"));
    }
    Envelope::from_json(&text).unwrap()
}

/// The code with which the event is refused, after the processor has applied it.
fn refusal(ledger: &mut Ledger, event_type: &str, event: &str) -> Option<&'static str> {
    let envelope = envelope("UTC", event_type, event);
    EventProcessor::apply(ledger, &envelope).expect("applying knows none of these rules");
    check(ledger, &envelope, NOW).err().map(|rejection| rejection.code().name())
}

fn entry(id: u8, project: &str, task: &str) -> String {
    format!(
        r##"{{"time_entry_id":"#{id}","started_at":0,"description":"","project_id":{project},
            "task_id":{task},"tag_ids":[],"billable":false}}"##
    )
}

/// Projects 1 and 2, and task 3 of project 1.
fn ledger_with_a_task() -> Ledger {
    let mut ledger = Ledger::default();
    for project in [1, 2] {
        let event = format!(
            r##"{{"project_id":"#{project}","name":"P","color":"teal","client_id":null,
                "billable":false}}"##
        );
        assert_eq!(refusal(&mut ledger, "CREATE_PROJECT", &event), None);
    }
    let task = r##"{"task_id":"#3","project_id":"#1","name":"T"}"##;
    assert_eq!(refusal(&mut ledger, "CREATE_TASK", task), None);
    ledger
}

#[test]
fn task_of_another_project_is_refused() {
    let mut ledger = ledger_with_a_task();
    let (own, other, task) = ("\"#1\"", "\"#2\"", "\"#3\"");
    for (id, project, expected) in [
        (4, own, None),
        (5, other, Some("task_of_other_project")),
        (6, "null", Some("task_of_other_project")),
    ] {
        assert_eq!(refusal(&mut ledger, "START_CLOCK", &entry(id, project, task)), expected);
    }
    let changes = |changes: &str| format!(r##"{{"time_entry_id":"#4","changes":{{{changes}}}}}"##);
    for (change, expected) in [
        (r##""project_id":"#1","task_id":"#3""##, None),
        (r##""task_id":"#3""##, None),
        (r##""project_id":"#2","task_id":"#3""##, Some("task_of_other_project")),
        (r##""project_id":"#2","task_id":null"##, None),
        (r##""task_id":"#3""##, Some("task_of_other_project")),
        (r##""project_id":"#1""##, None),
        // A device that has not seen the task changes the project.
        (r##""project_id":"#2""##, None),
    ] {
        let event = changes(change);
        assert_eq!(refusal(&mut ledger, "UPDATE_TIME_ENTRY", &event), expected, "{change}");
    }
    // The edit of a deleted entry has no effect.
    assert_eq!(refusal(&mut ledger, "DELETE_TIME_ENTRY", r##"{"time_entry_id":"#4"}"##), None);
    let event = changes(r##""project_id":"#2","task_id":"#3""##);
    assert_eq!(refusal(&mut ledger, "UPDATE_TIME_ENTRY", &event), None);
}

#[test]
fn name_needs_a_visible_character() {
    for (name, expected) in [
        ("Büro", None),
        ("\u{200b}x", None),
        ("👩\u{200d}💻", None),
        ("\u{200b}", Some("name_missing")),
        (" \u{feff}\u{2060}\u{ad}", Some("name_missing")),
        ("\u{3164}", Some("name_missing")),
        ("\u{e0020}", Some("name_missing")),
    ] {
        let mut ledger = Ledger::default();
        let event = format!(r##"{{"tag_id":"#1","name":"{name}"}}"##);
        assert_eq!(refusal(&mut ledger, "CREATE_TAG", &event), expected, "{}", name.escape_debug());
        let event = format!(r##"{{"tag_id":"#1","changes":{{"name":"{name}"}}}}"##);
        assert_eq!(refusal(&mut ledger, "UPDATE_TAG", &event), expected);
    }
}

#[test]
fn unknown_zone_is_refused() {
    let ledger = Ledger::default();
    let rejection =
        |zone| check(&ledger, &envelope(zone, "UPDATE_SETTINGS", r#"{"changes":{}}"#), NOW);
    assert_eq!(rejection("Europe/Berlin"), Ok(()));
    assert_eq!(rejection("Mars/Olympus"), Err(Rejection::UnknownZone));
}

#[test]
fn clock_that_starts_more_than_a_day_ahead_is_refused() {
    let day_ms = START_AHEAD_MAX.as_ms();
    let start = |id: u8, at_ms: i64| {
        let entry = entry(id, "null", "null");
        let entry = entry.replace("\"started_at\":0", &format!("\"started_at\":{at_ms}"));
        ("START_CLOCK", entry)
    };
    let update = |changes: &str| {
        ("UPDATE_TIME_ENTRY", format!(r##"{{"time_entry_id":"#1","changes":{{{changes}}}}}"##))
    };
    let begin = |at_ms: i64| update(&format!("\"started_at\":{at_ms}"));
    let of_entry = |kind| (kind, r##"{"time_entry_id":"#1"}"##.to_owned());
    let split =
        format!(r##"{{"time_entry_id":"#1","new_time_entry_id":"#2","split_at":{}}}"##, day_ms + 1);
    let last = |events: &[(&str, String)]| {
        let mut ledger = Ledger::default();
        events.iter().map(|(kind, event)| refusal(&mut ledger, kind, event)).last().flatten()
    };
    let refused = Some("start_in_future");
    assert_eq!(last(&[start(1, day_ms)]), None);
    assert_eq!(last(&[start(1, day_ms + 1)]), refused);
    assert_eq!(last(&[start(1, 0), begin(day_ms)]), None);
    assert_eq!(last(&[start(1, 0), begin(day_ms + 1)]), refused);
    assert_eq!(last(&[start(1, 0), ("SPLIT_TIME_ENTRY", split)]), refused);
    // A clock that was accepted before this rule can be corrected.
    let late = || start(1, day_ms + 1);
    assert_eq!(last(&[late(), update("\"description\":\"a\"")]), None);
    assert_eq!(last(&[late(), begin(0)]), None);
    assert_eq!(last(&[late(), of_entry("DELETE_TIME_ENTRY")]), None);
    let restored = [late(), of_entry("DELETE_TIME_ENTRY"), of_entry("RESTORE_TIME_ENTRY")];
    assert_eq!(last(&restored), refused);
    // An entry with an end may be planned.
    let stopped = update(&format!("\"stopped_at\":{}", day_ms + 9));
    assert_eq!(last(&[start(1, 0), stopped, begin(day_ms + 1)]), None);
}
