//! Entries by local day, with totals, kept up to date by what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use wizitime_domain::{
    Day, DurationMs, EntityKey, EntryId, Ledger, LocalTime, SortedSet, TimeEntry, Timestamp,
    Weekday, day_of, split_by_day,
};

use crate::store::{Changes, State};

/// One day: the entries that begin on it, latest first, and the time spent on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayView {
    pub day: Day,
    pub entry_ids: Vec<EntryId>,
    /// Ended entries' time within this day. What the running entry adds is known only now.
    pub total: DurationMs,
}

/// The time spent in a week on ended entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTotal {
    /// Its first day.
    pub first: Day,
    pub total: DurationMs,
}

/// The days that look different now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineChanges {
    pub days: SortedSet<Day>,
    /// Days came or went.
    pub day_list: bool,
}

/// How one entry lies on the days, as it was when it was put there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Footprint {
    started_at: Timestamp,
    day: Day,
    parts: Vec<(Day, DurationMs)>,
}

impl Footprint {
    fn days(&self) -> SortedSet<Day> {
        self.parts.iter().map(|(day, _)| *day).chain([self.day]).collect()
    }
}

/// Every entry that is not deleted, by day.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    footprints: BTreeMap<EntryId, Footprint>,
    /// The days that an entry begins on or reaches into.
    days: BTreeMap<Day, DayRecord>,
}

/// What is on a day.
#[derive(Clone, Debug, Default)]
struct DayRecord {
    /// The entries that begin on it, in order.
    starts: SortedSet<(Timestamp, EntryId)>,
    /// The time of ended entries on it.
    total_ms: i64,
}

impl DayRecord {
    const fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.total_ms == 0
    }
}

impl Timeline {
    /// Takes in what a dispatch changed, at a cost of what changed.
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
        let Some(DayRecord { starts, total_ms }) = self.days.get(&day) else {
            return DayView { day, entry_ids: Vec::new(), total: DurationMs::ZERO };
        };
        let entry_ids = starts.iter().rev().map(|(_, id)| *id).collect();
        DayView { day, entry_ids, total: DurationMs::from_ms(*total_ms) }
    }

    /// The time spent in the week that `day` is in.
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
        let new = self.footprints.get(&id);
        different.day_list |= old.as_ref().map(Footprint::days) != new.map(Footprint::days);
        for footprint in old.iter().chain(new) {
            different.days.insert(footprint.day);
            different.days.extend(footprint.parts.iter().map(|(day, _)| *day));
        }
    }

    fn take(&mut self, id: EntryId) -> Option<Footprint> {
        let footprint = self.footprints.remove(&id)?;
        self.change(footprint.day, |day| {
            day.starts.remove(&(footprint.started_at, id));
        });
        for (day, part) in &footprint.parts {
            self.change(*day, |day| day.total_ms -= part.as_ms());
        }
        Some(footprint)
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
        for (day, part) in &parts {
            self.change(*day, |day| day.total_ms += part.as_ms());
        }
        self.footprints.insert(entry.id, Footprint { started_at, day, parts });
    }

    /// Changes a day's record, which is there as long as anything is on the day.
    fn change(&mut self, day: Day, change: impl FnOnce(&mut DayRecord)) {
        let mut record = self.days.remove(&day).unwrap_or_default();
        change(&mut record);
        if !record.is_empty() {
            self.days.insert(day, record);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
