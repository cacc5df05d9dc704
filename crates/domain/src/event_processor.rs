//! The interpreter of events.

mod catalog;
mod checks;
mod clock;
mod entries;

use catalog::{archive, rename};

use crate::envelope::Envelope;
use crate::event::Event;
use crate::ledger::{Entity, EntityKey, Ledger};
use crate::rejection::Rejection;
use crate::settings::Settings;

/// Why an accepted event had no effect. It is shown in the history and is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Superseded {
    /// The entity is deleted.
    Deleted,
    /// The entry was stopped explicitly before: the first explicit stop stands.
    AlreadyStopped,
    /// The entity to restore is not deleted.
    NotDeleted,
    /// The entity has the requested state already.
    NoChange,
}

impl Superseded {
    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AlreadyStopped => "already_stopped",
            Self::NotDeleted => "not_deleted",
            Self::NoChange => "already_so",
        }
    }
}

/// The effect of an accepted event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The entities that changed; empty if the event was superseded.
    pub touched: Vec<EntityKey>,
    /// Why nothing changed.
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

type ApplyResult = Result<Applied, Rejection>;

/// The interpreter of events; see [`EventProcessor::apply`].
#[derive(Clone, Copy, Debug)]
pub struct EventProcessor;

impl EventProcessor {
    /// Applies one event to a ledger. The ledger must hold the event's subjects and references, as
    /// far as they exist, and the running entry. The client's overlay, the server's transaction
    /// and the simulator all call this; no other code interprets events.
    ///
    /// # Errors
    /// A [`Rejection`] if the event can never take effect; the ledger is then unchanged.
    pub fn apply(ledger: &mut Ledger, envelope: &Envelope) -> ApplyResult {
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
                ledger.upsert(Entity::Settings(settings.into()));
                Ok(Applied::touched([EntityKey::Settings]))
            }
        }
    }
}

#[cfg(test)]
mod tests;
