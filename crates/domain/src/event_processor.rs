//! The one interpreter of events.

mod catalog;
mod checks;
mod clock;
mod entries;

use catalog::{archive, rename};

use crate::envelope::Envelope;
use crate::event::Event;
use crate::ledger::{EntityKey, Ledger};
use crate::rejection::Rejection;
use crate::settings::Settings;

/// Why an accepted event had no effect. Shown in the history; not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Superseded {
    /// It changes something that was deleted, or deletes it again.
    Deleted,
    /// It stops what somebody had stopped: the first stop stands.
    AlreadyStopped,
    /// It restores what is there.
    NotDeleted,
    /// It archives or restores what is so already.
    AlreadySo,
}

impl Superseded {
    /// The name of the case on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AlreadyStopped => "already_stopped",
            Self::NotDeleted => "not_deleted",
            Self::AlreadySo => "already_so",
        }
    }
}

/// What an accepted event did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The things that are different now; empty if it was superseded.
    pub touched: Vec<EntityKey>,
    /// Why nothing is different.
    pub superseded: Option<Superseded>,
}

impl Applied {
    fn touched(keys: impl Into<Vec<EntityKey>>) -> Self {
        Self { touched: keys.into(), superseded: None }
    }

    fn superseded(by: Superseded) -> Self {
        Self { touched: Vec::new(), superseded: Some(by) }
    }
}

type Outcome = Result<Applied, Rejection>;

/// Gives events their meaning. See [`EventProcessor::apply`].
#[derive(Clone, Copy, Debug)]
pub struct EventProcessor;

impl EventProcessor {
    /// Applies one event to a ledger that holds at least the event's subjects and references (as
    /// far as they exist) and the running entry. The client's overlay, the server's transaction,
    /// the simulator and imports all call this; nothing else interprets events.
    ///
    /// # Errors
    /// A [`Rejection`] if the event can never be right; the ledger is then as it was.
    pub fn apply(ledger: &mut Ledger, envelope: &Envelope) -> Outcome {
        use EntityKey::{Client, Project, Tag, Task};
        match &envelope.event {
            Event::StartClock(event) => clock::start(ledger, event, &envelope.zone),
            Event::StopClock(event) => clock::stop(ledger, event),
            Event::CreateTimeEntry(event) => entries::create(ledger, event, &envelope.zone),
            Event::UpdateTimeEntry(event) => entries::update(ledger, event),
            Event::DeleteTimeEntry(event) => entries::delete(ledger, event.time_entry_id),
            Event::RestoreTimeEntry(event) => entries::restore(ledger, event.time_entry_id),
            Event::SplitTimeEntry(event) => entries::split(ledger, event),
            Event::CreateProject(event) => catalog::create_project(ledger, event),
            Event::UpdateProject(event) => catalog::update_project(ledger, event),
            Event::ArchiveProject(event) => archive(ledger, Project(event.project_id), true),
            Event::RestoreProject(event) => archive(ledger, Project(event.project_id), false),
            Event::CreateClient(event) => catalog::create_client(ledger, event),
            Event::UpdateClient(event) => rename(ledger, Client(event.client_id), &event.changes),
            Event::ArchiveClient(event) => archive(ledger, Client(event.client_id), true),
            Event::RestoreClient(event) => archive(ledger, Client(event.client_id), false),
            Event::CreateTask(event) => catalog::create_task(ledger, event),
            Event::UpdateTask(event) => rename(ledger, Task(event.task_id), &event.changes),
            Event::ArchiveTask(event) => archive(ledger, Task(event.task_id), true),
            Event::RestoreTask(event) => archive(ledger, Task(event.task_id), false),
            Event::CreateTag(event) => catalog::create_tag(ledger, event),
            Event::UpdateTag(event) => rename(ledger, Tag(event.tag_id), &event.changes),
            Event::ArchiveTag(event) => archive(ledger, Tag(event.tag_id), true),
            Event::RestoreTag(event) => archive(ledger, Tag(event.tag_id), false),
            Event::UpdateSettings(event) => {
                let before: Settings = **ledger.settings();
                let settings = Settings {
                    week_start: event.changes.week_start.unwrap_or(before.week_start),
                    clock_24h: event.changes.clock_24h.unwrap_or(before.clock_24h),
                };
                ledger.put(crate::ledger::Entity::Settings(settings.into()));
                Ok(Applied::touched([EntityKey::Settings]))
            }
        }
    }
}

#[cfg(test)]
mod tests;
