//! The state that events build up: every entity by id, and the one clock that runs.

use std::sync::Arc;

use imbl::OrdMap;

use crate::catalog::{Client, Project, Tag, Task};
use crate::ids::{ClientId, EntryId, ProjectId, TagId, TaskId};
use crate::settings::Settings;
use crate::time_entry::TimeEntry;

/// Names one thing in a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKey {
    TimeEntry(EntryId),
    Project(ProjectId),
    Client(ClientId),
    Task(TaskId),
    Tag(TagId),
    Settings,
}

impl EntityKey {
    /// What to call it.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::TimeEntry(_) => "time entry",
            Self::Project(_) => "project",
            Self::Client(_) => "client",
            Self::Task(_) => "task",
            Self::Tag(_) => "tag",
            Self::Settings => "settings",
        }
    }
}

/// One thing in a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entity {
    TimeEntry(Arc<TimeEntry>),
    Project(Arc<Project>),
    Client(Arc<Client>),
    Task(Arc<Task>),
    Tag(Arc<Tag>),
    Settings(Arc<Settings>),
}

impl Entity {
    /// Its name in the ledger.
    pub fn key(&self) -> EntityKey {
        match self {
            Self::TimeEntry(entry) => EntityKey::TimeEntry(entry.id),
            Self::Project(project) => EntityKey::Project(project.id),
            Self::Client(client) => EntityKey::Client(client.id),
            Self::Task(task) => EntityKey::Task(task.id),
            Self::Tag(tag) => EntityKey::Tag(tag.id),
            Self::Settings(_) => EntityKey::Settings,
        }
    }

    /// The entity as JSON, as in the replies of GET_LATEST_TIME_ENTRIES and on disk.
    ///
    /// # Errors
    /// Never for values that this crate can build; the serializer's error is passed on.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::TimeEntry(entry) => serde_json::to_string(&**entry),
            Self::Project(project) => serde_json::to_string(&**project),
            Self::Client(client) => serde_json::to_string(&**client),
            Self::Task(task) => serde_json::to_string(&**task),
            Self::Tag(tag) => serde_json::to_string(&**tag),
            Self::Settings(settings) => serde_json::to_string(&**settings),
        }
    }
}

/// All of a person's data, or the part of it that was loaded. Cloning costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: OrdMap<EntryId, Arc<TimeEntry>>,
    projects: OrdMap<ProjectId, Arc<Project>>,
    clients: OrdMap<ClientId, Arc<Client>>,
    tasks: OrdMap<TaskId, Arc<Task>>,
    tags: OrdMap<TagId, Arc<Tag>>,
    settings: Arc<Settings>,
    running: Option<EntryId>,
}

impl Ledger {
    /// The entry with this id, also when it is deleted.
    pub fn entry(&self, id: EntryId) -> Option<&Arc<TimeEntry>> {
        self.entries.get(&id)
    }

    /// All entries in the order of their ids, deleted ones included.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<TimeEntry>> {
        self.entries.values()
    }

    /// The entry whose clock runs.
    pub fn running(&self) -> Option<&Arc<TimeEntry>> {
        self.running.and_then(|id| self.entries.get(&id))
    }

    /// The project with this id.
    pub fn project(&self, id: ProjectId) -> Option<&Arc<Project>> {
        self.projects.get(&id)
    }

    /// All projects in the order of their ids.
    pub fn projects(&self) -> impl DoubleEndedIterator<Item = &Arc<Project>> {
        self.projects.values()
    }

    /// The client with this id.
    pub fn client(&self, id: ClientId) -> Option<&Arc<Client>> {
        self.clients.get(&id)
    }

    /// The task with this id.
    pub fn task(&self, id: TaskId) -> Option<&Arc<Task>> {
        self.tasks.get(&id)
    }

    /// The tag with this id.
    pub fn tag(&self, id: TagId) -> Option<&Arc<Tag>> {
        self.tags.get(&id)
    }

    /// The account's settings.
    pub const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The thing of this name.
    pub fn get(&self, key: EntityKey) -> Option<Entity> {
        match key {
            EntityKey::TimeEntry(id) => self.entry(id).cloned().map(Entity::TimeEntry),
            EntityKey::Project(id) => self.project(id).cloned().map(Entity::Project),
            EntityKey::Client(id) => self.client(id).cloned().map(Entity::Client),
            EntityKey::Task(id) => self.task(id).cloned().map(Entity::Task),
            EntityKey::Tag(id) => self.tag(id).cloned().map(Entity::Tag),
            EntityKey::Settings => Some(Entity::Settings(self.settings.clone())),
        }
    }

    /// Puts a thing in its place as it is. Loading uses this; what an event means is decided by
    /// [`crate::EventProcessor`] alone.
    pub fn put(&mut self, entity: Entity) {
        match entity {
            Entity::TimeEntry(entry) => {
                if entry.is_running() {
                    self.running = Some(entry.id);
                } else if self.running == Some(entry.id) {
                    self.running = None;
                }
                self.entries.insert(entry.id, entry);
            }
            Entity::Project(project) => {
                self.projects.insert(project.id, project);
            }
            Entity::Client(client) => {
                self.clients.insert(client.id, client);
            }
            Entity::Task(task) => {
                self.tasks.insert(task.id, task);
            }
            Entity::Tag(tag) => {
                self.tags.insert(tag.id, tag);
            }
            Entity::Settings(settings) => self.settings = settings,
        }
    }

    /// Every thing in the ledger, in a fixed order.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        let settings = std::iter::once(Entity::Settings(self.settings.clone()));
        settings
            .chain(self.clients.values().cloned().map(Entity::Client))
            .chain(self.projects.values().cloned().map(Entity::Project))
            .chain(self.tasks.values().cloned().map(Entity::Task))
            .chain(self.tags.values().cloned().map(Entity::Tag))
            .chain(self.entries.values().cloned().map(Entity::TimeEntry))
    }

    /// How many things the ledger holds.
    pub fn len(&self) -> usize {
        self.clients.len()
            + self.projects.len()
            + self.tasks.len()
            + self.tags.len()
            + self.entries.len()
    }

    /// Whether nothing was ever put in.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && *self.settings == Settings::default()
    }

    /// A hash of all of it, the same on every device, natively and in WebAssembly (promises P7
    /// and P9): FNV-1a over the entities' JSON.
    pub fn digest(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for entity in self.entities() {
            let json = entity.to_json().unwrap_or_default();
            for byte in json.bytes().chain([b'\n']) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash
    }
}
