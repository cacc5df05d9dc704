//! Store hooks: components read the state through `use_*` functions.
//!
//! A hook returns a value and subscribes the effect that calls it to the topic of that value. A
//! change of the state notifies the topics that it touches and no others, so that showing it costs
//! what changed, whatever the length of the history. Values derived from much of the state are
//! computed once for each change and not once for each reader.

use std::cell::RefCell;
use std::rc::Rc;
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
use crate::store::record::Owner;
use crate::store::slices::notices::Notices;
use crate::store::slices::session::Session;
use crate::store::{Changes, State};

/// What can change by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Running,
    /// The derived sync status.
    Status,
    /// The buffered and quarantined events.
    Buffer,
    Session,
    Notices,
    Projects,
    Settings,
    Zone,
    /// Which days have entries.
    Days,
    Day(Day),
    /// A week by its first day.
    Week(Day),
    Entry(EntryId),
    Project(ProjectId),
    /// The drafts of other tabs, or another user's.
    Drafts,
    /// The drafts whose fields are gone.
    LostDrafts,
}

/// The topics with subscribers, and the memoised values.
#[derive(Default)]
struct Hooks {
    /// Sorted by topic.
    topics: Vec<(Topic, ArcTrigger)>,
    running: Option<Arc<TimeEntry>>,
    /// None until the first reader.
    status: Option<Rc<SyncStatus>>,
    /// None until the first reader, and after a project changed.
    projects: Option<Rc<[Arc<Project>]>>,
}

thread_local! {
    static HOOKS: RefCell<Hooks> = RefCell::default();
}

/// Follows the store from now on.
pub(crate) fn start() {
    let running = browser::with_core(|core| select_running(core.state()));
    HOOKS.with_borrow_mut(|hooks| hooks.running = running);
    browser::subscribe(|changes, timeline| {
        HOOKS.with_borrow_mut(|hooks| hooks.update(changes, timeline));
    });
}

/// The running entry.
pub(crate) fn use_running() -> Option<Arc<TimeEntry>> {
    track(Topic::Running);
    HOOKS.with_borrow(|hooks| hooks.running.clone())
}

/// The id of the running entry.
pub(crate) fn use_running_id() -> Option<EntryId> {
    use_running().map(|entry| entry.id)
}

/// The sync status.
pub(crate) fn use_status() -> Rc<SyncStatus> {
    track(Topic::Status);
    HOOKS.with_borrow_mut(|hooks| hooks.status.get_or_insert_with(select_status_now).clone())
}

/// A part of the session.
pub(crate) fn use_session<R>(pick: impl FnOnce(&Session) -> R) -> R {
    read(Topic::Session, |state| pick(&state.session))
}

/// Whose what is recorded now is. It subscribes to nothing.
pub(crate) fn owner() -> Owner {
    browser::with_core(|core| core.state().session.owner())
}

/// A part of the notices.
pub(crate) fn use_notices<R>(pick: impl FnOnce(&Notices) -> R) -> R {
    read(Topic::Notices, |state| pick(&state.notices))
}

/// A part of the state that changes with the buffered events.
pub(crate) fn use_buffer<R>(pick: impl FnOnce(&State) -> R) -> R {
    read(Topic::Buffer, pick)
}

/// The projects that can be chosen, by name.
pub(crate) fn use_projects() -> Rc<[Arc<Project>]> {
    track(Topic::Projects);
    HOOKS.with_borrow_mut(|hooks| {
        let select = || browser::with_core(|core| select_projects(core.state()).into());
        hooks.projects.get_or_insert_with(select).clone()
    })
}

/// A project, archived or not.
pub(crate) fn use_project(id: ProjectId) -> Option<Arc<Project>> {
    read(Topic::Project(id), |state| state.ledger.shown().project(id).cloned())
}

/// The user's settings.
pub(crate) fn use_settings() -> Settings {
    read(Topic::Settings, |state| **state.ledger.shown().settings())
}

/// The IANA name of the time zone that times are shown in.
pub(crate) fn use_zone_name() -> String {
    read(Topic::Zone, |state| state.device.zone.name().to_owned())
}

/// The days with entries, latest first.
pub(crate) fn use_days<R>(pick: impl FnOnce(&mut dyn Iterator<Item = Day>) -> R) -> R {
    track(Topic::Days);
    browser::with_core(|core| pick(&mut core.timeline().days()))
}

/// The entries and the total of a day.
pub(crate) fn use_day(day: Day) -> DayView {
    track(Topic::Day(day));
    browser::with_core(|core| core.timeline().day(day))
}

/// The total of the week that begins on `first`.
pub(crate) fn use_week_total(first: Day) -> DurationMs {
    track(Topic::Week(first));
    browser::with_core(|core| core.timeline().week(first, first.weekday()).total)
}

/// An entry; none once it is deleted.
pub(crate) fn use_entry(id: EntryId) -> Option<Arc<TimeEntry>> {
    read(Topic::Entry(id), |state| {
        let entry = state.ledger.shown().entry(id);
        entry.filter(|entry| !entry.deleted).cloned()
    })
}

/// Subscribes to drafts that appear or go without a key of the user.
pub(crate) fn track_drafts() {
    track(Topic::Drafts);
}

/// Drafts appeared or are gone.
pub(crate) fn notify_drafts() {
    HOOKS.with_borrow(|hooks| hooks.notify(Topic::Drafts));
}

/// Subscribes to drafts whose fields are gone.
pub(crate) fn track_lost_drafts() {
    track(Topic::LostDrafts);
}

/// The field of a draft may be gone, or a draft whose field is gone.
pub(crate) fn notify_lost_drafts() {
    HOOKS.with_borrow(|hooks| hooks.notify(Topic::LostDrafts));
}

fn read<R>(topic: Topic, pick: impl FnOnce(&State) -> R) -> R {
    track(topic);
    browser::with_core(|core: &Core| pick(core.state()))
}

fn track(topic: Topic) {
    HOOKS.with_borrow_mut(|hooks| hooks.trigger(topic)).track();
}

fn select_status_now() -> Rc<SyncStatus> {
    Rc::new(browser::with_core(|core| select_status(core.state())))
}

impl Hooks {
    /// Notifies the topics that changed. Subscribers run later, when nothing is borrowed.
    fn update(&mut self, changes: &Changes, timeline: &TimelineChanges) {
        let flags = [
            (changes.sync, Topic::Buffer),
            (changes.session, Topic::Session),
            (changes.notices, Topic::Notices),
            (changes.zone, Topic::Zone),
            (timeline.day_list, Topic::Days),
        ];
        for (changed, topic) in flags {
            if changed {
                self.notify(topic);
            }
        }
        if changes.sync || changes.session {
            self.update_status();
        }
        if changes.whole_ledger || changes.zone {
            self.projects = None;
            self.topics.iter().for_each(|(_, trigger)| trigger.notify());
        } else {
            changes.entities.iter().for_each(|key| self.notify_entity(*key));
            timeline.days.iter().for_each(|day| self.notify_day(*day));
        }
        if changes.whole_ledger || !changes.entities.is_empty() {
            self.update_running();
        }
    }

    fn update_status(&mut self) {
        let Some(old) = &self.status else { return };
        let status = select_status_now();
        if status != *old {
            self.status = Some(status);
            self.notify(Topic::Status);
        }
    }

    fn update_running(&mut self) {
        let running = browser::with_core(|core| select_running(core.state()));
        if running != self.running {
            self.running = running;
            self.notify(Topic::Running);
        }
    }

    fn notify_entity(&mut self, key: EntityKey) {
        match key {
            EntityKey::TimeEntry(id) => self.notify(Topic::Entry(id)),
            EntityKey::Project(id) => {
                self.projects = None;
                self.notify(Topic::Project(id));
                self.notify(Topic::Projects);
            }
            EntityKey::Settings => self.notify(Topic::Settings),
            EntityKey::Client(_) | EntityKey::Task(_) | EntityKey::Tag(_) => {}
        }
    }

    /// Notifies a day and the weeks around it, whichever day weeks start on.
    fn notify_day(&self, day: Day) {
        self.notify(Topic::Day(day));
        (0..7).for_each(|days| self.notify(Topic::Week(day.plus(-days))));
    }

    fn notify(&self, topic: Topic) {
        if let Ok(index) = self.find(topic) {
            self.topics[index].1.notify();
        }
    }

    fn trigger(&mut self, topic: Topic) -> ArcTrigger {
        let index = self.find(topic).unwrap_or_else(|index| {
            self.topics.insert(index, (topic, ArcTrigger::new()));
            index
        });
        self.topics[index].1.clone()
    }

    /// The index of a topic, or where to insert it.
    fn find(&self, topic: Topic) -> Result<usize, usize> {
        self.topics.binary_search_by(|(other, _)| other.cmp(&topic))
    }
}
