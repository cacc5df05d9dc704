//! The state that events build up: every entity by id, and the running entry.

use std::sync::Arc;

use imbl::OrdMap;

use crate::catalog::{Client, Project, Tag, Task};
use crate::ids::{ClientId, EntryId, ProjectId, TagId, TaskId};
use crate::json::{self, JsonError, JsonText, to_json};
use crate::settings::Settings;
use crate::time_entry::TimeEntry;

/// Identifies an entity. In this order no entity comes before one that it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKey {
    Settings,
    Client(ClientId),
    Project(ProjectId),
    Task(TaskId),
    Tag(TagId),
    TimeEntry(EntryId),
}

impl EntityKey {
    /// The kind, where entities of all kinds are stored together.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TimeEntry(_) => "time_entry",
            Self::Project(_) => "project",
            Self::Client(_) => "client",
            Self::Task(_) => "task",
            Self::Tag(_) => "tag",
            Self::Settings => "settings",
        }
    }

    /// The id as text; empty for the settings, of which there is one.
    pub fn id(&self) -> String {
        match self {
            Self::TimeEntry(id) => id.to_string(),
            Self::Project(id) => id.to_string(),
            Self::Client(id) => id.to_string(),
            Self::Task(id) => id.to_string(),
            Self::Tag(id) => id.to_string(),
            Self::Settings => String::new(),
        }
    }

    /// The kind in words, for messages to developers.
    pub const fn label(&self) -> &'static str {
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

/// An entity of a ledger.
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
    /// The key of the entity.
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

    /// The time entry, if it is one.
    pub const fn entry(&self) -> Option<&Arc<TimeEntry>> {
        if let Self::TimeEntry(entry) = self { Some(entry) } else { None }
    }

    /// The project, if it is one.
    pub const fn project(&self) -> Option<&Arc<Project>> {
        if let Self::Project(project) = self { Some(project) } else { None }
    }

    /// Reads an entity of this kind ([`EntityKey::kind`]) from JSON.
    ///
    /// # Errors
    /// If the kind is unknown or the text is no entity of it.
    pub fn from_json(kind: &str, text: &str) -> Result<Self, JsonError> {
        match kind {
            "time_entry" => json::from_str(text).map(|it| Self::TimeEntry(Arc::new(it))),
            "project" => json::from_str(text).map(|it| Self::Project(Arc::new(it))),
            "client" => json::from_str(text).map(|it| Self::Client(Arc::new(it))),
            "task" => json::from_str(text).map(|it| Self::Task(Arc::new(it))),
            "tag" => json::from_str(text).map(|it| Self::Tag(Arc::new(it))),
            "settings" => json::from_str(text).map(|it| Self::Settings(Arc::new(it))),
            _ => Err(JsonError::expected("of a kind that is known here")),
        }
    }

    /// The entity as JSON, as in the replies of GET_LATEST_TIME_ENTRIES and in storage.
    pub fn to_json(&self) -> JsonText {
        match self {
            Self::TimeEntry(entry) => to_json(&**entry),
            Self::Project(project) => to_json(&**project),
            Self::Client(client) => to_json(&**client),
            Self::Task(task) => to_json(&**task),
            Self::Tag(tag) => to_json(&**tag),
            Self::Settings(settings) => to_json(&**settings),
        }
    }
}

/// The data of an account, or the part of it that was loaded. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Every entity but the settings. One map for all kinds, so that the browser downloads the
    /// map's code once.
    entities: OrdMap<EntityKey, Entity>,
    settings: Arc<Settings>,
    running: Option<EntryId>,
}

/// The methods that find entities of one kind: one by its id, and all in the order of their ids.
macro_rules! kind {
    ($kind:ident($id:ident): $(#[$one_doc:meta])* $one:ident, $(#[$all_doc:meta])* $all:ident) => {
        $(#[$one_doc])*
        pub fn $one(&self, id: $id) -> Option<&Arc<$kind>> {
            self.entities.get(&EntityKey::$kind(id)).and_then(Entity::$one)
        }

        $(#[$all_doc])*
        pub fn $all(&self) -> impl DoubleEndedIterator<Item = &Arc<$kind>> {
            let first = EntityKey::$kind($id::from_bytes([0; 16]));
            let last = EntityKey::$kind($id::from_bytes([u8::MAX; 16]));
            self.entities.range(first..=last).filter_map(|(_, entity)| entity.$one())
        }
    };
}

impl Ledger {
    kind!(
        TimeEntry(EntryId):
        /// The entry with this id, deleted or not.
        entry,
        /// All entries in the order of their ids, deleted or not.
        entries
    );

    /// The entry whose clock is running.
    pub fn running(&self) -> Option<&Arc<TimeEntry>> {
        self.running.and_then(|id| self.entry(id))
    }

    kind!(
        Project(ProjectId):
        /// The project with this id.
        project,
        /// All projects in the order of their ids.
        projects
    );

    /// The account's settings.
    pub const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The entity with this key.
    pub fn get(&self, key: EntityKey) -> Option<Entity> {
        match key {
            EntityKey::Settings => Some(Entity::Settings(self.settings.clone())),
            EntityKey::TimeEntry(_)
            | EntityKey::Project(_)
            | EntityKey::Client(_)
            | EntityKey::Task(_)
            | EntityKey::Tag(_) => self.entities.get(&key).cloned(),
        }
    }

    /// Inserts or replaces an entity as it is. The effect of an event is decided by
    /// [`crate::EventProcessor`] alone.
    pub fn upsert(&mut self, entity: Entity) {
        let key = entity.key();
        match &entity {
            Entity::Settings(settings) => {
                self.settings = settings.clone();
                return;
            }
            Entity::TimeEntry(entry) if entry.is_running() => self.running = Some(entry.id),
            Entity::TimeEntry(entry) if self.running == Some(entry.id) => self.running = None,
            Entity::TimeEntry(_)
            | Entity::Project(_)
            | Entity::Client(_)
            | Entity::Task(_)
            | Entity::Tag(_) => (),
        }
        self.entities.insert(key, entity);
    }

    /// Every entity in the ledger, in the order of the keys.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        let settings = std::iter::once(Entity::Settings(self.settings.clone()));
        settings.chain(self.entities.values().cloned())
    }

    /// The number of entities, without the settings.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether the ledger is empty and the settings are the defaults.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty() && *self.settings == Settings::default()
    }

    /// A hash of the ledger, the same on every device, natively and in WebAssembly
    /// (docs/TESTING.md#P7, #P9): FNV-1a over the JSON of the entities.
    pub fn digest(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for entity in self.entities() {
            for byte in entity.to_json().as_str().bytes().chain([b'\n']) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash
    }
}
