//! Days and totals: the incremental timeline always equals one built anew.

use proptest::prelude::*;
use wizitime_domain::{DeviceId, FixedOffset, IdSource, Settings, WeekStart, WriterId, Zone};
use wizitime_protocol::phoenix::MonoTime;

use super::*;
use crate::app::Core;
use crate::app::Moment;
use crate::app::input::{EmbedConfig, Input, StartupData};
use crate::features::{EntryIntent, Intent, TimerIntent};
use wizitime_domain::TimeEntryChanges;

const HOUR_MS: i64 = 3_600_000;
/// 2026-01-05T00:00:00Z, a Monday.
const MONDAY_MS: i64 = 1_767_571_200_000;

struct Recorder {
    client: Core,
    now_ms: i64,
}

fn at(hours: i64) -> Timestamp {
    Timestamp::saturating_from_ms(MONDAY_MS + hours * HOUR_MS)
}

impl Recorder {
    fn new() -> Self {
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes([1; 16]),
            writer_id: WriterId::from_bytes([2; 16]),
            zone: Zone::utc(),
            embed: EmbedConfig::default(),
            stored: Vec::new(),
        };
        let now = Moment { entropy: 0, wall: at(0), mono: MonoTime::from_ms(0) };
        let zone = Box::new(FixedOffset::default());
        let (client, _) = Core::start(startup, IdSource::new([5; 4]), zone, now);
        Self { client, now_ms: 0 }
    }

    fn act(&mut self, intent: Intent) {
        self.now_ms += 1_000;
        let wall = Timestamp::saturating_from_ms(MONDAY_MS + self.now_ms);
        let mono = MonoTime::from_ms(self.now_ms.unsigned_abs());
        self.client.handle(Input::User(intent), Moment { entropy: 0, wall, mono });
    }

    fn entry(&mut self, intent: EntryIntent) {
        self.act(Intent::Entry(intent));
    }

    fn add(&mut self, from_hours: i64, to_hours: i64) {
        self.act(Intent::Entry(EntryIntent::Add {
            started_at: at(from_hours),
            stopped_at: at(to_hours),
            description: String::new(),
            project_id: None,
        }));
    }

    fn hours(&self, day: Day) -> i64 {
        self.client.timeline().day(day).total.as_ms() / HOUR_MS
    }
}

fn monday() -> Day {
    day_of(at(0), &FixedOffset::default())
}

#[test]
fn an_entry_over_midnight_counts_for_both_days_and_is_listed_on_the_first() {
    let mut recorder = Recorder::new();
    recorder.add(22, 26);
    assert_eq!((recorder.hours(monday()), recorder.hours(monday().plus(1))), (2, 2));
    assert_eq!(recorder.client.timeline().day(monday()).entry_ids.len(), 1);
    assert_eq!(recorder.client.timeline().days().collect::<Vec<_>>(), [monday().plus(1), monday()]);
}

#[test]
fn weeks_add_up_their_days_wherever_they_start() {
    let mut recorder = Recorder::new();
    recorder.add(-3, -1);
    recorder.add(1, 4);
    let timeline = recorder.client.timeline();
    let hours = |start: Weekday| timeline.week(monday(), start).total.as_ms() / HOUR_MS;
    assert_eq!(hours(Settings::default().week_start.weekday()), 3);
    assert_eq!(hours(WeekStart::Sunday.weekday()), 5);
}

#[test]
fn the_latest_entry_of_a_day_comes_first() {
    let mut recorder = Recorder::new();
    recorder.add(1, 2);
    recorder.add(5, 6);
    recorder.add(3, 4);
    let ledger = recorder.client.state().ledger.shown().clone();
    let ids = recorder.client.timeline().day(monday()).entry_ids;
    let starts: Vec<_> = ids.iter().map(|id| ledger.entry(*id).unwrap().started_at).collect();
    assert_eq!(starts, [at(5), at(3), at(1)]);
}

proptest! {
    #[test]
    fn what_is_kept_up_to_date_equals_what_is_built_anew(
        steps in prop::collection::vec((0..5_u8, 0..40_usize, -60_i64..60, 0..30_i64), 1..60),
    ) {
        let mut recorder = Recorder::new();
        for (what, which, from, length) in steps {
            let ledger = recorder.client.state().ledger.shown();
            let entry = ledger.entries().nth(which % 10).cloned();
            match (what, entry) {
                (0, Some(entry)) => recorder.entry(EntryIntent::Delete { entry_id: entry.id }),
                (1, Some(entry)) => recorder.entry(EntryIntent::Restore { entry_id: entry.id }),
                (2, Some(entry)) => recorder.act(Intent::Entry(EntryIntent::Edit {
                    entry_id: entry.id,
                    changes: Box::new(TimeEntryChanges {
                        started_at: Some(at(from)),
                        stopped_at: Some(at(from + length)),
                        ..TimeEntryChanges::default()
                    }),
                })),
                (3, _) => recorder.act(Intent::Timer(TimerIntent::Start {
                    description: String::new(),
                    project_id: None,
                    started_at: None,
                })),
                _ => recorder.add(from, from + length),
            }
        }
        let mut anew = Timeline::default();
        let everything = Changes { whole_ledger: true, ..Changes::default() };
        anew.update(recorder.client.state(), &everything, &FixedOffset::default());
        let kept = recorder.client.timeline();
        prop_assert_eq!(kept.days().collect::<Vec<_>>(), anew.days().collect::<Vec<_>>());
        for days in -5..8 {
            let day = monday().plus(days);
            prop_assert_eq!(kept.day(day), anew.day(day));
        }
    }
}
