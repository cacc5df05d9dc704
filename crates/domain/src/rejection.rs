//! Why an event can never take effect: codes and parameters. The sentences that users read are in
//! the client's catalogue, those for developers in the hub.

use std::fmt;

use crate::json::JsonError;
use crate::ledger::EntityKey;

/// The reason why an event can never take effect. Nothing is dropped: the user decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It cannot be read.
    Malformed { error: JsonError },
    /// Its JSON text is too long to be an event.
    TooLarge { bytes_max: usize },
    /// It is of a newer version of the envelope.
    UnsupportedVersion { v: u16 },
    /// Its type is unknown to this version.
    UnknownEventType,
    /// It changes or refers to an entity that does not exist.
    UnknownEntity { key: EntityKey },
    /// It creates an entity that exists already.
    AlreadyExists { key: EntityKey },
    /// The end of an entry would lie before its start.
    EndBeforeStart,
    /// The instant of a split is not within the entry.
    SplitOutside,
    /// A running clock would start too far in the future.
    StartInFuture,
    /// A text is longer than allowed.
    TooLong { text: LimitedText, chars_max: usize },
    /// A name has no visible character.
    NameMissing { key: EntityKey },
    /// More tags than an entry can have.
    TooManyTags { count_max: usize },
    /// The time zone is none of the IANA database.
    UnknownZone,
    /// The task of an entry does not belong to the entry's project.
    TaskOfOtherProject,
}

/// A text of the user whose length is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitedText {
    /// The description of an entry.
    Description,
    /// The name of this project, client, task or tag.
    Name { of: EntityKey },
}

/// A [`Rejection`] without its parameters: the `code` on the wire and in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionCode {
    Malformed,
    UnsupportedVersion,
    UnknownEventType,
    UnknownEntity,
    AlreadyExists,
    EndBeforeStart,
    SplitOutside,
    StartInFuture,
    TooLong,
    NameMissing,
    TooManyTags,
    UnknownZone,
    TaskOfOtherProject,
}

impl RejectionCode {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::UnsupportedVersion,
        Self::UnknownEventType,
        Self::UnknownEntity,
        Self::AlreadyExists,
        Self::EndBeforeStart,
        Self::SplitOutside,
        Self::StartInFuture,
        Self::TooLong,
        Self::NameMissing,
        Self::TooManyTags,
        Self::UnknownZone,
        Self::TaskOfOtherProject,
    ];

    /// The code on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UnknownEventType => "unknown_event_type",
            Self::UnknownEntity => "unknown_entity",
            Self::AlreadyExists => "already_exists",
            Self::EndBeforeStart => "end_before_start",
            Self::SplitOutside => "split_outside",
            Self::StartInFuture => "start_in_future",
            Self::TooLong => "too_long",
            Self::NameMissing => "name_missing",
            Self::TooManyTags => "too_many_tags",
            Self::UnknownZone => "unknown_zone",
            Self::TaskOfOtherProject => "task_of_other_project",
        }
    }

    /// The code with this name; `None` if it is not one of this version.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl Rejection {
    /// The code of this rejection.
    pub const fn code(&self) -> RejectionCode {
        match self {
            Self::Malformed { .. } | Self::TooLarge { .. } => RejectionCode::Malformed,
            Self::UnsupportedVersion { .. } => RejectionCode::UnsupportedVersion,
            Self::UnknownEventType => RejectionCode::UnknownEventType,
            Self::UnknownEntity { .. } => RejectionCode::UnknownEntity,
            Self::AlreadyExists { .. } => RejectionCode::AlreadyExists,
            Self::EndBeforeStart => RejectionCode::EndBeforeStart,
            Self::SplitOutside => RejectionCode::SplitOutside,
            Self::StartInFuture => RejectionCode::StartInFuture,
            Self::TooLong { .. } => RejectionCode::TooLong,
            Self::NameMissing { .. } => RejectionCode::NameMissing,
            Self::TooManyTags { .. } => RejectionCode::TooManyTags,
            Self::UnknownZone => RejectionCode::UnknownZone,
            Self::TaskOfOtherProject => RejectionCode::TaskOfOtherProject,
        }
    }
}

/// The code; for logs.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code().name())
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_are_unique() {
        for code in RejectionCode::ALL {
            assert_eq!(RejectionCode::from_name(code.name()), Some(code));
        }
        assert_eq!(RejectionCode::from_name("quota_exceeded"), None);
    }
}
