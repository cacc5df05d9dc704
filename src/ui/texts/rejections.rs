//! Why a change was refused, here or by the server.

use wizitime_domain::{
    DESCRIPTION_CHARS_MAX, EntityKey, Event, LimitedText, NAME_CHARS_MAX, Rejection, RejectionCode,
    TAGS_PER_ENTRY_MAX, UndoError,
};

use crate::store::SignInError;
use crate::store::record::{QuarantineCode, QuarantineReason};
use crate::store::slices::events::EVENTS_BUFFERED_MAX;
use crate::store::slices::notices::Refusal;

/// Why an intent was not carried out.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rejected(rejection) => self::rejection(rejection),
        Refusal::BufferFull => {
            format!("{EVENTS_BUFFERED_MAX} changes wait for the server; sync or export them first.")
        }
        Refusal::NothingRuns => "No clock is running.".to_owned(),
        Refusal::Gone => "This is not there any more.".to_owned(),
        Refusal::CannotUndo(UndoError::ChangedSince) => {
            "This cannot be undone: the entry was changed since, here or on another device."
                .to_owned()
        }
        Refusal::CannotUndo(UndoError::AnotherRuns) => {
            "This cannot be undone: another clock runs now.".to_owned()
        }
    }
}

/// Why an event is in quarantine. The server's message is only for codes of a newer server.
pub(crate) fn quarantine_reason(reason: &QuarantineReason, event: &Event) -> String {
    let code = match &reason.code {
        QuarantineCode::Dependent => {
            return "It belongs to a change above and waits with it.".to_owned();
        }
        QuarantineCode::Rejected(code) => RejectionCode::from_name(code),
        QuarantineCode::ServerFailed => None,
    };
    match code {
        Some(code) => rejection_of(code, event),
        None if !reason.message.is_empty() => reason.message.clone(),
        None => "The server cannot take this change. You can try again later.".to_owned(),
    }
}

/// Why signing in failed.
pub(crate) fn sign_in_error(error: &SignInError) -> String {
    match error {
        SignInError::Unreachable => {
            "The server cannot be reached. Your time is still being recorded.".to_owned()
        }
        SignInError::Unreadable => {
            "The server's answer could not be read. It may be another version.".to_owned()
        }
        SignInError::CodeNeeded => {
            "Type the code that your authenticator app shows, or a recovery code.".to_owned()
        }
        SignInError::Refused { message } => message.clone(),
    }
}

fn rejection(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Malformed { .. } => MALFORMED.to_owned(),
        Rejection::TooLarge { .. } => TOO_LARGE.to_owned(),
        Rejection::UnsupportedVersion { .. } => UNSUPPORTED_VERSION.to_owned(),
        Rejection::UnknownEventType => UNKNOWN_EVENT_TYPE.to_owned(),
        Rejection::UnknownEntity { key } => unknown_entity(entity(*key)),
        Rejection::AlreadyExists { key } => already_exists(entity(*key)),
        Rejection::EndBeforeStart => END_BEFORE_START.to_owned(),
        Rejection::SplitOutside => SPLIT_OUTSIDE.to_owned(),
        Rejection::StartInFuture => START_IN_FUTURE.to_owned(),
        Rejection::TooLong { text, chars_max } => match text {
            LimitedText::Description => description_too_long(*chars_max),
            LimitedText::Name { of } => name_too_long(entity(*of), *chars_max),
        },
        Rejection::NameMissing { key } => name_missing(entity(*key)),
        Rejection::TooManyTags { count_max } => too_many_tags(*count_max),
        Rejection::UnknownZone => UNKNOWN_ZONE.to_owned(),
        Rejection::TaskOfOtherProject => TASK_OF_OTHER_PROJECT.to_owned(),
    }
}

/// The wire has the code without its parameters; they follow from the event.
fn rejection_of(code: RejectionCode, event: &Event) -> String {
    match code {
        RejectionCode::Malformed => MALFORMED.to_owned(),
        RejectionCode::UnsupportedVersion => UNSUPPORTED_VERSION.to_owned(),
        RejectionCode::UnknownEventType => UNKNOWN_EVENT_TYPE.to_owned(),
        RejectionCode::UnknownEntity => {
            missing(event).map_or_else(|| UNKNOWN_REFERENCE.to_owned(), unknown_entity)
        }
        RejectionCode::AlreadyExists => already_exists(subject(event)),
        RejectionCode::EndBeforeStart => END_BEFORE_START.to_owned(),
        RejectionCode::SplitOutside => SPLIT_OUTSIDE.to_owned(),
        RejectionCode::StartInFuture => START_IN_FUTURE.to_owned(),
        RejectionCode::TooLong if is_entry_event(event) => {
            description_too_long(DESCRIPTION_CHARS_MAX)
        }
        RejectionCode::TooLong => name_too_long(subject(event), NAME_CHARS_MAX),
        RejectionCode::NameMissing => name_missing(subject(event)),
        RejectionCode::TooManyTags => too_many_tags(TAGS_PER_ENTRY_MAX),
        RejectionCode::UnknownZone => UNKNOWN_ZONE.to_owned(),
        RejectionCode::TaskOfOtherProject => TASK_OF_OTHER_PROJECT.to_owned(),
    }
}

const MALFORMED: &str = "This change could not be read.";
const TOO_LARGE: &str =
    "This text is too large to save. It may have invisible characters; shorten it.";
const UNSUPPORTED_VERSION: &str =
    "This change was made by a newer version of WiziTime than the one that has to take it.";
const UNKNOWN_EVENT_TYPE: &str =
    "This kind of change is not known here; one side may need an update.";
const UNKNOWN_REFERENCE: &str = "Something that this change belongs to does not exist.";
const END_BEFORE_START: &str = "The end would be before the start.";
const SPLIT_OUTSIDE: &str = "An entry can only be split between its start and its end.";
const START_IN_FUTURE: &str =
    "A clock cannot start more than a day ahead. Check the date of the device that recorded it.";
const UNKNOWN_ZONE: &str = "The server does not know the time zone of this change.";
const TASK_OF_OTHER_PROJECT: &str = "The task belongs to another project.";

fn unknown_entity(entity: &str) -> String {
    format!("This {entity} does not exist.")
}

fn already_exists(entity: &str) -> String {
    format!("This {entity} exists already.")
}

fn description_too_long(chars_max: usize) -> String {
    format!("The description is longer than {chars_max} characters.")
}

fn name_too_long(entity: &str, chars_max: usize) -> String {
    format!("The {entity} name is longer than {chars_max} characters.")
}

fn name_missing(entity: &str) -> String {
    format!("The {entity} needs a name.")
}

fn too_many_tags(count_max: usize) -> String {
    format!("An entry can have at most {count_max} tags.")
}

/// What an entity is called.
const fn entity(key: EntityKey) -> &'static str {
    match key {
        EntityKey::TimeEntry(_) => "time entry",
        EntityKey::Project(_) => "project",
        EntityKey::Client(_) => "client",
        EntityKey::Task(_) => "task",
        EntityKey::Tag(_) => "tag",
        EntityKey::Settings => "settings",
    }
}

/// What the event changes or creates.
fn subject(event: &Event) -> &'static str {
    event.subjects().last().copied().map_or("entry", entity)
}

/// The kind of what does not exist; `None` if it may be of several kinds.
fn missing(event: &Event) -> Option<&'static str> {
    let created = event.creates();
    let subjects = event.subjects().into_iter().filter(|key| Some(*key) != created);
    let mut kinds = subjects.chain(event.references()).map(entity);
    let first = kinds.next()?;
    kinds.all(|kind| kind == first).then_some(first)
}

fn is_entry_event(event: &Event) -> bool {
    matches!(event.subjects().first(), Some(EntityKey::TimeEntry(_)))
}
