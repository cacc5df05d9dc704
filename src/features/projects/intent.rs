//! Intents about projects.

use wizitime_domain::{Color, EntryId, ProjectId};

/// What a user wants of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectIntent {
    /// Create a project with this new id, and assign it to an entry if one is named.
    Create { project_id: ProjectId, name: String, color: Color, entry_id: Option<EntryId> },
}
