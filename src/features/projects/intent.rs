//! Intents about projects.

use wizitime_domain::{Color, EntryId};

/// What a user wants of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectIntent {
    /// Create a project, and assign it to an entry if one is named.
    Create { name: String, color: Color, entry_id: Option<EntryId> },
}
