//! Why an event can never take effect.

use std::fmt;

use crate::ledger::EntityKey;

/// An event that can never be right. The person decides what becomes of it; nothing is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It cannot be read.
    Malformed { detail: String },
    /// It was written by a newer version.
    UnsupportedVersion { v: u16 },
    /// This version knows no such event.
    UnknownEventType,
    /// It speaks of something that does not exist.
    Unknown { key: EntityKey },
    /// It makes something that already exists.
    AlreadyExists { key: EntityKey },
    /// The end would lie before the start.
    EndBeforeStart,
    /// An entry can be split only within its time.
    SplitOutside,
    /// A text is longer than allowed.
    TooLong { field: &'static str, chars_max: usize },
    /// A name is missing.
    NameMissing { key: EntityKey },
    /// More tags than an entry can carry.
    TooManyTags { count_max: usize },
}

impl Rejection {
    /// The name of the case on the wire.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::UnsupportedVersion { .. } => "unsupported_version",
            Self::UnknownEventType => "unknown_event_type",
            Self::Unknown { .. } => "unknown_entity",
            Self::AlreadyExists { .. } => "already_exists",
            Self::EndBeforeStart => "end_before_start",
            Self::SplitOutside => "split_outside",
            Self::TooLong { .. } => "too_long",
            Self::NameMissing { .. } => "name_missing",
            Self::TooManyTags { .. } => "too_many_tags",
        }
    }
}

/// One plain sentence for the person.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { detail } => write!(f, "This change could not be read: {detail}."),
            Self::UnsupportedVersion { .. } => f.write_str(
                "This change was made by a newer version of WiziTime than the one that has to \
                 take it.",
            ),
            Self::UnknownEventType => {
                f.write_str("This kind of change is not known here; one side may need an update.")
            }
            Self::Unknown { key } => write!(f, "This {} does not exist.", key.noun()),
            Self::AlreadyExists { key } => write!(f, "This {} exists already.", key.noun()),
            Self::EndBeforeStart => f.write_str("The end would be before the start."),
            Self::SplitOutside => {
                f.write_str("An entry can only be split between its start and its end.")
            }
            Self::TooLong { field, chars_max } => {
                write!(f, "The {field} is longer than {chars_max} characters.")
            }
            Self::NameMissing { key } => write!(f, "The {} needs a name.", key.noun()),
            Self::TooManyTags { count_max } => {
                write!(f, "An entry can have at most {count_max} tags.")
            }
        }
    }
}

impl std::error::Error for Rejection {}
