//! Days, weeks, entries and projects as signals, each made when it is first shown.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{
    Day, DurationMs, EntityKey, EntryId, Ledger, Project, ProjectId, TimeEntry, Weekday,
};

use super::put;
use crate::browser;
use crate::selectors::{DayView, TimelineChanges};
use crate::store::Changes;

type Shown<K, V> = BTreeMap<K, ArcRwSignal<V>>;

#[derive(Default)]
struct Signals {
    days: Shown<Day, Arc<DayView>>,
    /// By their first day.
    weeks: Shown<Day, DurationMs>,
    entries: Shown<EntryId, Option<Arc<TimeEntry>>>,
    projects: Shown<ProjectId, Option<Arc<Project>>>,
}

thread_local! {
    static SIGNALS: RefCell<Signals> = RefCell::default();
}

/// The entries and the total of a day.
pub(crate) fn day(day: Day) -> ArcRwSignal<Arc<DayView>> {
    SIGNALS.with_borrow_mut(|signals| {
        let read = || browser::with_client(|client| Arc::new(client.timeline().day(day)));
        signals.days.entry(day).or_insert_with(|| ArcRwSignal::new(read())).clone()
    })
}

/// The total of the week that begins on `first`.
pub(crate) fn week(first: Day) -> ArcRwSignal<DurationMs> {
    SIGNALS.with_borrow_mut(|signals| {
        signals.weeks.entry(first).or_insert_with(|| ArcRwSignal::new(week_total(first))).clone()
    })
}

/// An entry; none once it is deleted.
pub(crate) fn entry(id: EntryId) -> ArcRwSignal<Option<Arc<TimeEntry>>> {
    SIGNALS.with_borrow_mut(|signals| {
        let read = || with_ledger(|ledger| shown_entry(ledger, id));
        signals.entries.entry(id).or_insert_with(|| ArcRwSignal::new(read())).clone()
    })
}

/// A project, archived or not.
pub(crate) fn project(id: ProjectId) -> ArcRwSignal<Option<Arc<Project>>> {
    SIGNALS.with_borrow_mut(|signals| {
        let read = || with_ledger(|ledger| ledger.project(id).cloned());
        signals.projects.entry(id).or_insert_with(|| ArcRwSignal::new(read())).clone()
    })
}

/// Sets the signals of what changed. Their readers run later, when nothing is borrowed.
pub(super) fn follow(changes: &Changes, timeline: &TimelineChanges) {
    SIGNALS.with_borrow(|signals| {
        for day in &timeline.days {
            if let Some(signal) = signals.days.get(day) {
                let view = browser::with_client(|client| Arc::new(client.timeline().day(*day)));
                put(signal, view);
            }
        }
        for (first, signal) in &signals.weeks {
            if timeline.days.range(*first..first.plus(7)).next().is_some() {
                put(signal, week_total(*first));
            }
        }
        with_ledger(|ledger| {
            if changes.whole_ledger {
                signals.entries.iter().for_each(|(id, it)| put(it, shown_entry(ledger, *id)));
                let projects = signals.projects.iter();
                projects.for_each(|(id, it)| put(it, ledger.project(*id).cloned()));
            }
            changes.entities.iter().for_each(|key| signals.follow_entity(ledger, *key));
        });
    });
}

impl Signals {
    fn follow_entity(&self, ledger: &Ledger, key: EntityKey) {
        match key {
            EntityKey::TimeEntry(id) => {
                if let Some(signal) = self.entries.get(&id) {
                    put(signal, shown_entry(ledger, id));
                }
            }
            EntityKey::Project(id) => {
                if let Some(signal) = self.projects.get(&id) {
                    put(signal, ledger.project(id).cloned());
                }
            }
            EntityKey::Client(_) | EntityKey::Task(_) | EntityKey::Tag(_) | EntityKey::Settings => {
            }
        }
    }
}

fn with_ledger<R>(read: impl FnOnce(&Ledger) -> R) -> R {
    browser::with_client(|client| read(client.state().ledger.shown()))
}

fn shown_entry(ledger: &Ledger, id: EntryId) -> Option<Arc<TimeEntry>> {
    ledger.entry(id).filter(|entry| !entry.deleted).cloned()
}

/// A week is asked for by its first day, so it may start on that day's weekday.
fn week_total(first: Day) -> DurationMs {
    let starts_on: Weekday = first.weekday();
    browser::with_client(|client| client.timeline().week(first, starts_on).total)
}
