//! The state as the screen reads it: every reader names a part of it, and runs again when that
//! part changes. A change tells the parts that it touched and no others, so that showing it costs
//! what changed, whatever the length of the history.

use std::cell::RefCell;
use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{
    Day, DurationMs, EntityKey, EntryId, Project, ProjectId, Settings, TimeEntry,
};

use crate::app::Core;
use crate::browser;
use crate::features::{
    DayView, SyncStatus, TimelineChanges, select_projects, select_running, select_status,
};
use crate::store::slices::notices::Notices;
use crate::store::slices::session::Session;
use crate::store::{Changes, State};

/// What can change by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Running,
    /// What waits, what needs the person, how the link is.
    Sync,
    Session,
    Notices,
    Projects,
    Settings,
    /// Which days have entries.
    Days,
    Day(Day),
    /// By its first day.
    Week(Day),
    Entry(EntryId),
    Project(ProjectId),
}

#[derive(Default)]
struct Mirror {
    /// The parts that somebody has read, in order.
    parts: Vec<(Part, ArcTrigger)>,
    running: Option<Arc<TimeEntry>>,
}

thread_local! {
    static MIRROR: RefCell<Mirror> = RefCell::default();
}

/// Follows the client from now on.
pub(super) fn start() {
    let running = browser::with_core(|client| select_running(client.state()));
    MIRROR.with_borrow_mut(|mirror| mirror.running = running);
    browser::subscribe(|changes, timeline| {
        MIRROR.with_borrow_mut(|mirror| mirror.follow(changes, timeline));
    });
}

/// The entry whose clock runs.
pub(super) fn running() -> Option<Arc<TimeEntry>> {
    track(Part::Running);
    MIRROR.with_borrow(|mirror| mirror.running.clone())
}

/// The id of the entry whose clock runs.
pub(super) fn running_id() -> Option<EntryId> {
    running().map(|entry| entry.id)
}

/// How syncing stands.
pub(super) fn status() -> SyncStatus {
    // It also depends on who is signed in.
    track(Part::Session);
    read(Part::Sync, |client| select_status(client.state()))
}

/// Something of who is signed in.
pub(super) fn session<R>(pick: impl FnOnce(&Session) -> R) -> R {
    read(Part::Session, |client| pick(&client.state().session))
}

/// Something of what is said to the person.
pub(super) fn notices<R>(pick: impl FnOnce(&Notices) -> R) -> R {
    read(Part::Notices, |client| pick(&client.state().notices))
}

/// Something of the buffer.
pub(super) fn buffer<R>(pick: impl FnOnce(&State) -> R) -> R {
    read(Part::Sync, |client| pick(client.state()))
}

/// The projects that can be chosen, by name.
pub(super) fn projects() -> Vec<Arc<Project>> {
    read(Part::Projects, |client| select_projects(client.state()))
}

/// A project, archived or not.
pub(super) fn project(id: ProjectId) -> Option<Arc<Project>> {
    read(Part::Project(id), |client| client.state().ledger.shown().project(id).cloned())
}

/// The person's choices.
pub(super) fn settings() -> Settings {
    read(Part::Settings, |client| **client.state().ledger.shown().settings())
}

/// The days with entries, latest first.
pub(super) fn days<R>(pick: impl FnOnce(&mut dyn Iterator<Item = Day>) -> R) -> R {
    read(Part::Days, |client| pick(&mut client.timeline().days()))
}

/// The entries and the total of a day.
pub(super) fn day(day: Day) -> DayView {
    read(Part::Day(day), |client| client.timeline().day(day))
}

/// The total of the week that begins on `first`.
pub(super) fn week(first: Day) -> DurationMs {
    read(Part::Week(first), |client| client.timeline().week(first, first.weekday()).total)
}

/// An entry; none once it is deleted.
pub(super) fn entry(id: EntryId) -> Option<Arc<TimeEntry>> {
    read(Part::Entry(id), |client| {
        let entry = client.state().ledger.shown().entry(id);
        entry.filter(|entry| !entry.deleted).cloned()
    })
}

fn read<R>(part: Part, pick: impl FnOnce(&Core) -> R) -> R {
    track(part);
    browser::with_core(pick)
}

fn track(part: Part) {
    MIRROR.with_borrow_mut(|mirror| mirror.trigger(part)).track();
}

impl Mirror {
    /// Tells the parts that changed. Their readers run later, when nothing is borrowed.
    fn follow(&mut self, changes: &Changes, timeline: &TimelineChanges) {
        let flags = [
            (changes.sync, Part::Sync),
            (changes.session, Part::Session),
            (changes.notices, Part::Notices),
            (timeline.day_list, Part::Days),
        ];
        for (changed, part) in flags {
            if changed {
                self.tell(part);
            }
        }
        if changes.whole_ledger || changes.zone {
            self.parts.iter().for_each(|(_, trigger)| trigger.notify());
        } else {
            changes.entities.iter().for_each(|key| self.tell_entity(*key));
            timeline.days.iter().for_each(|day| self.tell_day(*day));
        }
        if changes.whole_ledger || !changes.entities.is_empty() {
            let running = browser::with_core(|client| select_running(client.state()));
            if running != self.running {
                self.running = running;
                self.tell(Part::Running);
            }
        }
    }

    fn tell_entity(&self, key: EntityKey) {
        match key {
            EntityKey::TimeEntry(id) => self.tell(Part::Entry(id)),
            EntityKey::Project(id) => {
                self.tell(Part::Project(id));
                self.tell(Part::Projects);
            }
            EntityKey::Settings => self.tell(Part::Settings),
            EntityKey::Client(_) | EntityKey::Task(_) | EntityKey::Tag(_) => {}
        }
    }

    /// A day and the week around it, whichever day weeks start on.
    fn tell_day(&self, day: Day) {
        self.tell(Part::Day(day));
        (0..7).for_each(|days| self.tell(Part::Week(day.plus(-days))));
    }

    fn tell(&self, part: Part) {
        if let Ok(place) = self.find(part) {
            self.parts[place].1.notify();
        }
    }

    fn trigger(&mut self, part: Part) -> ArcTrigger {
        let place = self.find(part).unwrap_or_else(|place| {
            self.parts.insert(place, (part, ArcTrigger::new()));
            place
        });
        self.parts[place].1.clone()
    }

    /// Where a part is, or where it would be.
    fn find(&self, part: Part) -> Result<usize, usize> {
        self.parts.binary_search_by(|(it, _)| it.cmp(&part))
    }
}
