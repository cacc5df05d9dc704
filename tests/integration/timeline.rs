//! The timeline: days and totals, updated incrementally, always equal a new one.

use proptest::prelude::*;
use wizitime::app::Core;
use wizitime::app::input::{EmbedConfig, Input, StartupData};
use wizitime::effects::Moment;
use wizitime::features::{
    EntryIntent, Intent, Timeline, TimerIntent, running_part, select_day_list,
};
use wizitime::store::Changes;
use wizitime_domain::{
    Day, DeviceId, FixedOffset, IdSource, Settings, TimeEntryChanges, Timestamp, WeekStart,
    Weekday, WriterId, Zone, day_of, day_start,
};
use wizitime_protocol::MonoTime;

const HOUR_MS: i64 = 3_600_000;
/// 2026-01-05T00:00:00Z, a Monday.
const MONDAY_MS: i64 = 1_767_571_200_000;

struct Tab {
    core: Core,
    now_ms: i64,
}

fn at(hours: i64) -> Timestamp {
    Timestamp::saturating_from_ms(MONDAY_MS + hours * HOUR_MS)
}

impl Tab {
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
        let (core, _) = Core::start(startup, IdSource::new([5; 4]), zone, now);
        Self { core, now_ms: 0 }
    }

    fn act(&mut self, intent: Intent) {
        self.now_ms += 1_000;
        let wall = Timestamp::saturating_from_ms(MONDAY_MS + self.now_ms);
        let mono = MonoTime::from_ms(self.now_ms.unsigned_abs());
        self.core.handle(Input::User(intent), Moment { entropy: 0, wall, mono });
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
        self.core.timeline().day(day).total.as_ms() / HOUR_MS
    }
}

fn monday() -> Day {
    day_of(at(0), &FixedOffset::default())
}

#[test]
fn an_entry_over_midnight_counts_for_both_days_and_is_listed_on_the_first() {
    let mut tab = Tab::new();
    tab.add(22, 26);
    assert_eq!((tab.hours(monday()), tab.hours(monday().plus(1))), (2, 2));
    assert_eq!(tab.core.timeline().day(monday()).entry_ids.len(), 1);
    assert_eq!(tab.core.timeline().days().collect::<Vec<_>>(), [monday().plus(1), monday()]);
}

#[test]
fn an_entry_of_28_hours_reaches_into_the_third_day() {
    let mut tab = Tab::new();
    tab.add(22, 50);
    let timeline = tab.core.timeline();
    let id = timeline.day(monday()).entry_ids[0];
    assert_eq!(timeline.day(monday()).reaching_ids, []);
    assert_eq!(timeline.day(monday().plus(1)).reaching_ids, [id]);
    assert_eq!(timeline.day(monday().plus(2)).reaching_ids, [id]);
    assert_eq!(tab.hours(monday().plus(2)), 2);
    tab.entry(EntryIntent::Edit {
        entry_id: id,
        changes: Box::new(TimeEntryChanges { stopped_at: Some(at(47)), ..<_>::default() }),
    });
    assert_eq!(tab.core.timeline().day(monday().plus(2)).reaching_ids, []);
    tab.entry(EntryIntent::Delete { entry_id: id });
    assert_eq!(tab.core.timeline().days().count(), 0);
}

#[test]
fn a_clock_that_runs_for_days_counts_on_each_of_them() {
    let mut tab = Tab::new();
    // From Tuesday 11:00 to Thursday noon.
    let (started_at, now) = (at(35), at(84));
    tab.add(30, 33);
    tab.act(Intent::Timer(TimerIntent::Start {
        description: String::new(),
        project_id: None,
        started_at: Some(started_at),
    }));
    let [tuesday, wednesday, thursday] = [1, 2, 3].map(|days| monday().plus(days));
    let timeline = tab.core.timeline();
    let list = select_day_list(timeline.days(), Some(tuesday), thursday, 14);
    assert_eq!(list.days, [thursday, wednesday, tuesday]);
    let hours = |day: Day| {
        let zone = FixedOffset::default();
        let span = (day_start(day, &zone), day_start(day.plus(1), &zone));
        running_part(started_at, now, span).as_ms() / HOUR_MS
    };
    assert_eq!([tuesday, wednesday, thursday].map(hours), [13, 24, 12]);
    assert_eq!(list.days.iter().map(|day| hours(*day)).sum::<i64>(), 49);
    assert_eq!(tab.hours(tuesday), 3);
}

#[test]
fn weeks_add_up_their_days_wherever_they_start() {
    let mut tab = Tab::new();
    tab.add(-3, -1);
    tab.add(1, 4);
    let timeline = tab.core.timeline();
    let hours = |start: Weekday| timeline.week(monday(), start).total.as_ms() / HOUR_MS;
    assert_eq!(hours(Settings::default().week_start.weekday()), 3);
    assert_eq!(hours(WeekStart::Sunday.weekday()), 5);
}

#[test]
fn the_latest_entry_of_a_day_comes_first() {
    let mut tab = Tab::new();
    tab.add(1, 2);
    tab.add(5, 6);
    tab.add(3, 4);
    let ledger = tab.core.state().ledger.shown().clone();
    let ids = tab.core.timeline().day(monday()).entry_ids;
    let starts: Vec<_> = ids.iter().map(|id| ledger.entry(*id).unwrap().started_at).collect();
    assert_eq!(starts, [at(5), at(3), at(1)]);
}

proptest! {
    #[test]
    fn an_incremental_timeline_equals_a_new_one(
        steps in prop::collection::vec((0..5_u8, 0..40_usize, -60_i64..60, 0..30_i64), 1..60),
    ) {
        let mut tab = Tab::new();
        for (action, index, from, length) in steps {
            let ledger = tab.core.state().ledger.shown();
            let entry = ledger.entries().nth(index % 10).cloned();
            match (action, entry) {
                (0, Some(entry)) => tab.entry(EntryIntent::Delete { entry_id: entry.id }),
                (1, Some(entry)) => tab.entry(EntryIntent::Restore { entry_id: entry.id }),
                (2, Some(entry)) => tab.act(Intent::Entry(EntryIntent::Edit {
                    entry_id: entry.id,
                    changes: Box::new(TimeEntryChanges {
                        started_at: Some(at(from)),
                        stopped_at: Some(at(from + length)),
                        ..TimeEntryChanges::default()
                    }),
                })),
                (3, _) => tab.act(Intent::Timer(TimerIntent::Start {
                    description: String::new(),
                    project_id: None,
                    started_at: None,
                })),
                _ => tab.add(from, from + length),
            }
        }
        let mut new = Timeline::default();
        let everything = Changes { whole_ledger: true, ..Changes::default() };
        new.update(tab.core.state(), &everything, &FixedOffset::default());
        let updated = tab.core.timeline();
        prop_assert_eq!(updated.days().collect::<Vec<_>>(), new.days().collect::<Vec<_>>());
        for days in -5..8 {
            let day = monday().plus(days);
            prop_assert_eq!(updated.day(day), new.day(day));
        }
    }
}
