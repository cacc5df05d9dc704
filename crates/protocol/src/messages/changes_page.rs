//! `GET_LATEST_TIME_ENTRIES`: the changes since a cursor, in pages.

use serde::{Deserialize, Serialize};
use wizitime_domain::{Client, Entity, EpochId, Project, Settings, Tag, Task, TimeEntry};

/// The largest number of entities in one page.
pub const PAGE_ENTITIES_MAX: usize = 1_000;

/// Requests the changes after the cursor `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesPageRequest {
    /// The epoch that `since` belongs to. With another one, or none, the reply starts from the
    /// beginning of the log.
    pub epoch: Option<EpochId>,
    pub since: u64,
    /// The wanted number of entities; the server clamps it to 1..=[`PAGE_ENTITIES_MAX`].
    pub limit: usize,
}

/// One page of changes: the current version of every changed entity. The client applies the pages
/// only when it has the last one, because the changes of a BULK_EVENT may be split between two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesPage {
    pub epoch: EpochId,
    /// `since` of the next request. On the last page this is the cursor of the log.
    pub cursor: u64,
    /// Whether there are further pages.
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
    /// Deleted entries with all their fields, so that a deletion can be undone offline.
    #[serde(default)]
    pub removed: Vec<TimeEntry>,
}

impl ChangesPage {
    /// An empty last page.
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

    /// Adds an entity.
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

    /// All entities of the page.
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
