//! What entries are classified by: projects, clients, tasks and tags.

use wizitime_json::{FromJson, Json, JsonError, ToJson, from_name, json_object};

use crate::ids::{ClientId, ProjectId, TagId, TaskId};

/// A colour from the palette. A name, not a value: light and dark themes each give it the shade
/// that can be read there.
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
    /// The palette in the order in which it is offered.
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

impl FromJson for Color {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        from_name(json, &Self::ALL, Self::name, "a colour of the palette")
    }
}

impl ToJson for Color {
    fn write_json(&self, out: &mut String) {
        self.name().write_json(out);
    }
}

/// Something that time is spent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    pub color: Color,
    pub client_id: Option<ClientId>,
    /// Whether new entries of this project are billable.
    pub billable: bool,
    pub archived: bool,
}
json_object!(Project { id, name, color, client_id, billable, archived });

/// Someone whom projects are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub archived: bool,
}
json_object!(Client { id, name, archived });

/// A part of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub project_id: ProjectId,
    pub name: String,
    pub archived: bool,
}
json_object!(Task { id, project_id, name, archived });

/// A label across projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub id: TagId,
    pub name: String,
    pub archived: bool,
}
json_object!(Tag { id, name, archived });
