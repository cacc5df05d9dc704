//! The entities that entries refer to: projects, clients, tasks and tags.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{ClientId, ProjectId, TagId, TaskId};
use crate::json::parse_str;

/// A colour of the palette. It is a name, not a value: each theme defines its own shade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    #[default]
    Blue,
    Teal,
    Green,
    Lime,
    Yellow,
    Orange,
    Red,
    Pink,
    Purple,
    Indigo,
    Brown,
    Gray,
}

impl Color {
    /// The palette in display order.
    pub const ALL: [Self; 12] = [
        Self::Blue,
        Self::Teal,
        Self::Green,
        Self::Lime,
        Self::Yellow,
        Self::Orange,
        Self::Red,
        Self::Pink,
        Self::Purple,
        Self::Indigo,
        Self::Brown,
        Self::Gray,
    ];

    /// The colour's name on the wire and in style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Teal => "teal",
            Self::Green => "green",
            Self::Lime => "lime",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
            Self::Pink => "pink",
            Self::Purple => "purple",
            Self::Indigo => "indigo",
            Self::Brown => "brown",
            Self::Gray => "gray",
        }
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer, "a colour of the palette", |text| {
            Self::ALL.into_iter().find(|it| it.name() == text)
        })
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    pub color: Color,
    pub client_id: Option<ClientId>,
    /// Whether new entries of this project are billable.
    pub billable: bool,
    pub archived: bool,
}

/// A client: a customer of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub archived: bool,
}

/// A task of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub project_id: ProjectId,
    pub name: String,
    pub archived: bool,
}

/// A tag; independent of projects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub id: TagId,
    pub name: String,
    pub archived: bool,
}
