//! The timeline: entries by local day, with totals, updated incrementally.

use std::collections::BTreeMap;
use std::sync::Arc;

use wizitime_domain::{
    Day, DurationMs, EntityKey, EntryId, Ledger, LocalTime, SortedSet, TimeEntry, Timestamp,
    Weekday, day_of, split_by_day,
};

use crate::store::{Changes, State, TimelineChanges};

/// A day: its entries, latest first, and the time tracked on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayView {
    pub day: Day,
    /// The entries that start on it.
    pub entry_ids: Vec<EntryId>,
    /// Ended entries of earlier days that reach into it.
    pub reaching_ids: Vec<EntryId>,
    /// The time of ended entries within this day. The running entry's share depends on now.
    pub total: DurationMs,
}

/// The time of ended entries in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTotal {
    /// Its first day.
    pub first: Day,
    pub total: DurationMs,
}

/// The days of an entry when it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
struct EntryDays {
    started_at: Timestamp,
    day: Day,
    parts: Vec<(Day, DurationMs)>,
}

impl EntryDays {
    fn days(&self) -> SortedSet<Day> {
        self.parts.iter().map(|(day, _)| *day).chain([self.day]).collect()
    }
}

/// Every entry that is not deleted, by day.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: BTreeMap<EntryId, EntryDays>,
    /// The days on which an entry starts or that it reaches into.
    days: BTreeMap<Day, DayBucket>,
}

/// The entries of a day.
#[derive(Clone, Debug, Default)]
struct DayBucket {
    /// The entries that start on it, in order.
    starts: SortedSet<(Timestamp, EntryId)>,
    /// The ended entries of earlier days that reach into it, in order.
    reaching: SortedSet<(Timestamp, EntryId)>,
    /// The time of ended entries on it, in milliseconds.
    total_ms: i64,
}

impl DayBucket {
    const fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.reaching.is_empty() && self.total_ms == 0
    }
}

impl Timeline {
    /// Applies the changes of a dispatch, at a cost of what changed.
    pub fn update(
        &mut self,
        state: &State,
        changes: &Changes,
        zone: &dyn LocalTime,
    ) -> TimelineChanges {
        let ledger = state.ledger.shown();
        let mut different = TimelineChanges::default();
        if changes.whole_ledger || changes.zone {
            let before: SortedSet<Day> = self.days().collect();
            *self = Self::default();
            for entry in ledger.entries() {
                self.put(entry, zone);
            }
            different.days = before.into_iter().chain(self.days()).collect();
            different.day_list = true;
            return different;
        }
        for key in &changes.entities {
            if let EntityKey::TimeEntry(id) = key {
                self.update_entry(*id, ledger, zone, &mut different);
            }
        }
        different
    }

    /// The days that an entry begins on or reaches into, latest first.
    pub fn days(&self) -> impl Iterator<Item = Day> + '_ {
        self.days.keys().rev().copied()
    }

    /// One day.
    pub fn day(&self, day: Day) -> DayView {
        let nothing = DayBucket::default();
        let DayBucket { starts, reaching, total_ms } = self.days.get(&day).unwrap_or(&nothing);
        let ids = |entries: &SortedSet<(Timestamp, EntryId)>| {
            entries.iter().rev().map(|(_, id)| *id).collect()
        };
        let total = DurationMs::from_ms(*total_ms);
        DayView { day, entry_ids: ids(starts), reaching_ids: ids(reaching), total }
    }

    /// The total of the week that `day` is in.
    pub fn week(&self, day: Day, week_start: Weekday) -> WeekTotal {
        let first = day.week_start(week_start);
        let days = (0..7).filter_map(|days| self.days.get(&first.plus(days)));
        let total_ms: i64 = days.map(|day| day.total_ms).sum();
        WeekTotal { first, total: DurationMs::from_ms(total_ms) }
    }

    fn update_entry(
        &mut self,
        id: EntryId,
        ledger: &Ledger,
        zone: &dyn LocalTime,
        different: &mut TimelineChanges,
    ) {
        let old = self.take(id);
        if let Some(entry) = ledger.entry(id) {
            self.put(entry, zone);
        }
        let new = self.entries.get(&id);
        different.day_list |= old.as_ref().map(EntryDays::days) != new.map(EntryDays::days);
        for entry_days in old.iter().chain(new) {
            different.days.insert(entry_days.day);
            different.days.extend(entry_days.parts.iter().map(|(day, _)| *day));
        }
    }

    fn take(&mut self, id: EntryId) -> Option<EntryDays> {
        let entry_days = self.entries.remove(&id)?;
        self.change(entry_days.day, |day| {
            day.starts.remove(&(entry_days.started_at, id));
        });
        for (part_day, part) in &entry_days.parts {
            self.change(*part_day, |day| {
                day.total_ms -= part.as_ms();
                day.reaching.remove(&(entry_days.started_at, id));
            });
        }
        Some(entry_days)
    }

    fn put(&mut self, entry: &Arc<TimeEntry>, zone: &dyn LocalTime) {
        if entry.deleted {
            return;
        }
        let started_at = entry.started_at;
        let day = day_of(started_at, zone);
        let parts = entry.stop.map(|stop| split_by_day(started_at, stop.at, zone));
        let parts = parts.unwrap_or_default();
        self.change(day, |day| {
            day.starts.insert((started_at, entry.id));
        });
        for (part_day, part) in &parts {
            self.change(*part_day, |bucket| {
                bucket.total_ms += part.as_ms();
                if *part_day != day {
                    bucket.reaching.insert((started_at, entry.id));
                }
            });
        }
        self.entries.insert(entry.id, EntryDays { started_at, day, parts });
    }

    /// Changes a day's bucket, which exists as long as it is not empty.
    fn change(&mut self, day: Day, change: impl FnOnce(&mut DayBucket)) {
        let mut bucket = self.days.remove(&day).unwrap_or_default();
        change(&mut bucket);
        if !bucket.is_empty() {
            self.days.insert(day, bucket);
        }
    }
}
