//! The rules of the clock and of editing, as short scripts.
//!
//! A script is a list of events such as `start a 10`; instants are seconds. The resulting entries
//! are written as `a 10..20!` (explicit stop), `a 10..20~` (implied stop), `a 10..` (running) or
//! `a -` (deleted).

use proptest::prelude::*;

use super::*;
use crate::event::*;
use crate::ids::{DeviceId, EntryId, EventId, ProjectId, WriterId};
use crate::time::{Timestamp, Zone};
use crate::time_entry::StopBy;
use crate::{LimitedText, SortedSet};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(seconds * 1_000).unwrap()
}

fn entry_id(name: &str) -> EntryId {
    EntryId::from_bytes([name.as_bytes()[0]; 16])
}

fn envelope(event: Event) -> Envelope {
    Envelope {
        id: EventId::from_bytes([1; 16]),
        device_id: DeviceId::from_bytes([2; 16]),
        writer_id: WriterId::from_bytes([3; 16]),
        seq: 1,
        at: at(0),
        recorded_at: at(0),
        zone: Zone::utc(),
        event,
    }
}

fn start_event(id: EntryId, started_at: Timestamp) -> Event {
    Event::StartClock(StartClock {
        time_entry_id: id,
        started_at,
        description: String::new(),
        project_id: None,
        task_id: None,
        tag_ids: SortedSet::default(),
        billable: false,
    })
}

fn update_event(id: EntryId, changes: TimeEntryChanges) -> Event {
    Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id: id, changes })
}

fn parse(line: &str) -> Event {
    let words: Vec<&str> = line.split_whitespace().collect();
    let id = entry_id(words[1]);
    let seconds = |index: usize| at(words[index].parse().unwrap());
    match words[0] {
        "start" => start_event(id, seconds(2)),
        "stop" => Event::StopClock(StopClock { time_entry_id: id, stopped_at: seconds(2) }),
        "add" => Event::CreateTimeEntry(CreateTimeEntry {
            time_entry_id: id,
            started_at: seconds(2),
            stopped_at: seconds(3),
            description: String::new(),
            project_id: None,
            task_id: None,
            tag_ids: SortedSet::default(),
            billable: false,
        }),
        "begin" => update_event(
            id,
            TimeEntryChanges { started_at: Some(seconds(2)), ..TimeEntryChanges::default() },
        ),
        "end" => update_event(
            id,
            TimeEntryChanges { stopped_at: Some(seconds(2)), ..TimeEntryChanges::default() },
        ),
        "describe" => update_event(
            id,
            TimeEntryChanges { description: Some(words[2].into()), ..TimeEntryChanges::default() },
        ),
        "delete" => Event::DeleteTimeEntry(TimeEntryRef { time_entry_id: id }),
        "restore" => Event::RestoreTimeEntry(TimeEntryRef { time_entry_id: id }),
        "split" => Event::SplitTimeEntry(SplitTimeEntry {
            time_entry_id: id,
            new_time_entry_id: entry_id(words[2]),
            split_at: seconds(3),
        }),
        other => panic!("no such event: {other}"),
    }
}

fn format_entries(ledger: &Ledger) -> String {
    let line = |entry: &std::sync::Arc<crate::TimeEntry>| {
        let name = char::from(entry.id.as_bytes()[0]);
        let seconds = |at: Timestamp| at.as_ms() / 1_000;
        if entry.deleted {
            return format!("{name} -");
        }
        let start = seconds(entry.started_at);
        match entry.stop {
            None => format!("{name} {start}.."),
            Some(stop) => {
                let by = if stop.by == StopBy::Explicit { '!' } else { '~' };
                format!("{name} {start}..{}{by}", seconds(stop.at))
            }
        }
    };
    ledger.entries().map(line).collect::<Vec<_>>().join(", ")
}

/// Applies the events; `=code` at the end is the expected code of a rejected or superseded one.
#[track_caller]
fn check(script: &str, expected: &str) {
    let mut ledger = Ledger::default();
    for line in script.split(';') {
        let (line, code) = line.split_once('=').unwrap_or((line, ""));
        let before = ledger.clone();
        let result = match EventProcessor::apply(&mut ledger, &envelope(parse(line))) {
            Ok(applied) => applied.superseded.map_or("", Superseded::code),
            Err(rejection) => {
                assert_eq!(ledger, before, "a rejected event changes nothing");
                rejection.code().name()
            }
        };
        assert_eq!(result, code.trim(), "result of `{}`", line.trim());
    }
    assert_eq!(format_entries(&ledger), expected);
}

#[test]
fn clock_starts_and_stops() {
    check("start a 0; stop a 60", "a 0..60!");
}

#[test]
fn start_stops_the_running_entry() {
    check("start a 0; start b 60", "a 0..60~, b 60..");
}

#[test]
fn late_start_that_began_earlier_is_inserted_stopped() {
    check("start b 60; start a 0", "a 0..60~, b 60..");
}

#[test]
fn explicit_stop_replaces_an_implied_stop() {
    check("start a 0; start b 60; stop a 50", "a 0..50!, b 60..");
    check("start a 0; start b 60; stop a 70", "a 0..70!, b 60..");
}

#[test]
fn first_explicit_stop_stands() {
    check("start a 0; stop a 60; stop a 600 =already_stopped", "a 0..60!");
}

#[test]
fn update_moves_an_explicit_stop() {
    check("start a 0; stop a 60; end a 90", "a 0..90!");
    check("start a 0; end a 90; stop a 60 =already_stopped", "a 0..90!");
}

#[test]
fn end_before_start_is_rejected() {
    check("start a 60; stop a 0 =end_before_start", "a 60..");
    check("add a 60 0 =end_before_start", "");
    check("add a 0 60; begin a 90 =end_before_start", "a 0..60!");
}

#[test]
fn unknown_entities_are_rejected() {
    check("stop a 0 =unknown_entity", "");
    check("describe a x =unknown_entity", "");
    check("delete a =unknown_entity; restore a =unknown_entity", "");
}

#[test]
fn existing_entities_cannot_be_created_again() {
    check("start a 0; start a 5 =already_exists; add a 1 2 =already_exists", "a 0..");
}

#[test]
fn changes_of_deleted_entries_are_superseded() {
    check("add a 0 9; delete a; describe a x =deleted; delete a =deleted", "a -");
    check("start a 0; delete a; stop a 9 =deleted; start b 20", "a -, b 20..");
}

#[test]
fn restore_brings_the_entry_back() {
    check("add a 0 9; delete a; restore a; restore a =not_deleted", "a 0..9!");
}

#[test]
fn restored_running_entry_obeys_the_one_clock_rule() {
    check("start a 0; delete a; start b 20; restore a", "a 0..20~, b 20..");
    check("start b 20; delete b; start a 0; restore b", "a 0..20~, b 20..");
}

#[test]
fn split_makes_two_entries() {
    check("add a 0 60; split a b 20", "a 0..20!, b 20..60!");
    check("start a 0; split a b 20", "a 0..20!, b 20..");
    check("add a 0 60; split a b 60 =split_outside; split a b 0 =split_outside", "a 0..60!");
}

#[test]
fn texts_are_bounded_and_names_required() {
    let mut ledger = Ledger::default();
    let project = |name: String| {
        envelope(Event::CreateProject(CreateProject {
            project_id: ProjectId::from_bytes([9; 16]),
            name,
            color: crate::Color::Teal,
            client_id: None,
            billable: false,
        }))
    };
    let too_long = EventProcessor::apply(&mut ledger, &project("x".repeat(201)));
    let key = EntityKey::Project(ProjectId::from_bytes([9; 16]));
    let text = LimitedText::Name { of: key };
    assert_eq!(too_long, Err(Rejection::TooLong { text, chars_max: crate::NAME_CHARS_MAX }));
    let blank = EventProcessor::apply(&mut ledger, &project("  ".into()));
    assert_eq!(blank, Err(Rejection::NameMissing { key }));
    // The limit counts characters, not bytes.
    EventProcessor::apply(&mut ledger, &project("ü".repeat(200))).unwrap();
}

#[test]
fn events_round_trip_and_unknown_ones_are_rejected() {
    for line in ["start a 5", "stop a 5", "add a 1 2", "describe a x", "delete a", "split a b 4"] {
        let envelope = envelope(parse(line));
        let json = envelope.to_json().to_string();
        assert_eq!(Envelope::from_json(&json), Ok(envelope), "{json}");
    }
    let json = envelope(parse("delete a")).to_json().to_string();
    let code = |json: &str| Envelope::from_json(json).unwrap_err().rejection.code().name();
    assert_eq!(code(&json.replace("DELETE_TIME_ENTRY", "SHRED")), "unknown_event_type");
    for newer in ["2", "65536"] {
        let json = json.replace("\"v\":1", &format!("\"v\":{newer}"));
        assert_eq!(code(&json), "unsupported_version", "{newer}");
    }
    for unknown in ["0", "-1", "\"1\"", "null"] {
        let json = json.replace("\"v\":1", &format!("\"v\":{unknown}"));
        assert_eq!(code(&json), "malformed", "{unknown}");
    }
    assert_eq!(code(&json.replace("time_entry_id", "entry")), "malformed");
    assert_eq!(code("{"), "malformed");
    let without_zone = json.replace("\"zone\":\"UTC\",", "");
    let error = Envelope::from_json(&without_zone).unwrap_err();
    assert_eq!(error.id, Some(EventId::from_bytes([1; 16])), "the id is still reported");
}

#[test]
fn ids_are_written_in_one_form() {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let json = envelope(parse("delete a")).to_json().to_string();
    let device = DeviceId::from_bytes([2; 16]).to_string();
    let with = |id: &str| Envelope::from_json(&json.replace(&device, id));
    assert!(with(id).is_ok());
    let braced = format!("{{{id}}}");
    let urn = format!("urn:uuid:{id}");
    for other in [&*id.to_uppercase(), &id.replace('-', ""), &braced, &urn, "", "01890a5d"] {
        assert_eq!(with(other).unwrap_err().rejection.code().name(), "malformed", "{other}");
    }
}

/// `null` clears a field, a missing field leaves it.
#[test]
fn null_is_not_absence() {
    let to_none: TimeEntryChanges = crate::json::from_str(r#"{"project_id":null}"#).unwrap();
    assert_eq!(to_none.project_id, Some(None));
    let untouched: TimeEntryChanges = crate::json::from_str("{}").unwrap();
    assert_eq!(untouched.project_id, None);
}

fn any_event() -> impl Strategy<Value = Event> {
    let id = (b'a'..b'f').prop_map(|name| EntryId::from_bytes([name; 16]));
    let instant = (0_i64..1_000).prop_map(at);
    prop_oneof![
        4 => (id.clone(), instant.clone()).prop_map(|(id, at)| start_event(id, at)),
        4 => (id.clone(), instant.clone()).prop_map(|(id, at)| Event::StopClock(StopClock {
            time_entry_id: id,
            stopped_at: at,
        })),
        1 => (id.clone(), instant.clone()).prop_map(|(id, at)| update_event(id, TimeEntryChanges {
            started_at: Some(at),
            ..TimeEntryChanges::default()
        })),
        1 => id.clone().prop_map(|id| Event::DeleteTimeEntry(TimeEntryRef { time_entry_id: id })),
        1 => id.clone().prop_map(|id| Event::RestoreTimeEntry(TimeEntryRef { time_entry_id: id })),
        1 => (id.clone(), id, instant).prop_map(|(id, new, at)| {
            let (time_entry_id, new_time_entry_id, split_at) = (id, new, at);
            Event::SplitTimeEntry(SplitTimeEntry { time_entry_id, new_time_entry_id, split_at })
        }),
    ]
}

proptest! {
    /// docs/TESTING.md#P5: at most one clock runs, and `Ledger::running` is that entry.
    #[test]
    fn at_most_one_clock_runs(events in prop::collection::vec(any_event(), 0..60)) {
        let mut ledger = Ledger::default();
        for event in events {
            let before = ledger.clone();
            if EventProcessor::apply(&mut ledger, &envelope(event)).is_err() {
                prop_assert_eq!(&ledger, &before);
            }
            let running: Vec<_> = ledger.entries().filter(|entry| entry.is_running()).collect();
            prop_assert!(running.len() <= 1, "{} clocks run", running.len());
            prop_assert_eq!(ledger.running(), running.first().copied());
        }
    }

    /// docs/TESTING.md#P6: no STOP_CLOCK and no start moves an explicit stop.
    #[test]
    fn the_first_explicit_stop_stands(events in prop::collection::vec(any_event(), 0..60)) {
        let mut ledger = Ledger::default();
        for event in events {
            let stops: Vec<_> = ledger
                .entries()
                .filter(|entry| entry.stop.is_some_and(|stop| stop.by == StopBy::Explicit))
                .map(|entry| (entry.id, entry.stop))
                .collect();
            // A split moves the stop of the first part.
            let is_split = matches!(event, Event::SplitTimeEntry(_));
            let _ = EventProcessor::apply(&mut ledger, &envelope(event));
            for (id, stop) in stops {
                let now = ledger.entry(id).and_then(|entry| entry.stop);
                prop_assert!(now == stop || is_split, "{:?} became {:?}", stop, now);
            }
        }
    }

    /// The second application of an event is rejected, superseded or writes the same value. The
    /// overlay may replay an event whose effect is in the confirmed data already.
    #[test]
    fn replaying_the_last_event_changes_nothing(
        events in prop::collection::vec(any_event(), 1..40),
    ) {
        let mut ledger = Ledger::default();
        let mut last = None;
        for event in events {
            if EventProcessor::apply(&mut ledger, &envelope(event.clone())).is_ok() {
                last = Some(event);
            }
        }
        let before = ledger.clone();
        if let Some(last) = last {
            let _ = EventProcessor::apply(&mut ledger, &envelope(last));
            prop_assert_eq!(ledger, before);
        }
    }
}
