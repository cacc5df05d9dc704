//! GET_LATEST_TIME_ENTRIES: the changes since a cursor, in pages.

use serde::{Deserialize, Serialize};
use wizitime_domain::{Client, Entity, EpochId, Project, Settings, Tag, Task, TimeEntry};

/// The most entities in one page.
pub const PAGE_ENTITIES_MAX: usize = 1_000;

/// Requests everything that changed after `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesRequest {
    /// The epoch that `since` belongs to; for another one, or none, the pages begin at the start
    /// of the log.
    pub epoch: Option<EpochId>,
    pub since: u64,
    pub limit: usize,
}

/// One page of changes. A client applies the pages only when it has the last one, because a
/// BULK_EVENT may span two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesPage {
    pub epoch: EpochId,
    /// The `since` of the next request. On the last page this is the end of the log.
    pub cursor: u64,
    pub more: bool,
    #[serde(default)]
    pub time_entries: Vec<TimeEntry>,
    #[serde(default)]
    pub projects: Vec<Project>,
    #[serde(default)]
    pub clients: Vec<Client>,
    #[serde(default)]
    pub tasks: Vec<Task>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    pub settings: Option<Settings>,
    /// Deleted entries in full, so that a device can undo the deletion offline.
    #[serde(default)]
    pub removed: Vec<TimeEntry>,
}

impl ChangesPage {
    /// An empty page of this epoch up to this cursor.
    pub const fn empty(epoch: EpochId, cursor: u64) -> Self {
        Self {
            epoch,
            cursor,
            more: false,
            time_entries: Vec::new(),
            projects: Vec::new(),
            clients: Vec::new(),
            tasks: Vec::new(),
            tags: Vec::new(),
            settings: None,
            removed: Vec::new(),
        }
    }

    /// Adds an entity to the page.
    pub fn push(&mut self, entity: &Entity) {
        match entity {
            Entity::TimeEntry(entry) if entry.deleted => self.removed.push((**entry).clone()),
            Entity::TimeEntry(entry) => self.time_entries.push((**entry).clone()),
            Entity::Project(project) => self.projects.push((**project).clone()),
            Entity::Client(client) => self.clients.push((**client).clone()),
            Entity::Task(task) => self.tasks.push((**task).clone()),
            Entity::Tag(tag) => self.tags.push((**tag).clone()),
            Entity::Settings(settings) => self.settings = Some(**settings),
        }
    }

    /// The entities on the page.
    pub fn into_entities(self) -> Vec<Entity> {
        let settings = self.settings.map(|it| Entity::Settings(it.into()));
        let clients = self.clients.into_iter().map(|it| Entity::Client(it.into()));
        let projects = self.projects.into_iter().map(|it| Entity::Project(it.into()));
        let tasks = self.tasks.into_iter().map(|it| Entity::Task(it.into()));
        let tags = self.tags.into_iter().map(|it| Entity::Tag(it.into()));
        let entries = self.time_entries.into_iter().chain(self.removed);
        let entries = entries.map(|it| Entity::TimeEntry(it.into()));
        settings
            .into_iter()
            .chain(clients)
            .chain(projects)
            .chain(tasks)
            .chain(tags)
            .chain(entries)
            .collect()
    }
}
