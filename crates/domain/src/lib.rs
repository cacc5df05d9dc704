//! The domain model: events, the state they build up, and the one interpreter. No clock, no
//! randomness, no I/O.
//!
//! An [`Envelope`] is one recorded [`Event`] with its identity and instants. A [`Ledger`] is the
//! state. [`EventProcessor::apply`] is the only code that gives an event its meaning: it returns a
//! [`Rejection`] if the event can never take effect, and [`Superseded`] if it was accepted without
//! effect. [`admission`] has rules that hold for new events only.
//!
//! The client's overlay, the server's transaction and the simulator call the same code, natively
//! and in WebAssembly, and get the same result.

pub mod json;

mod digit;
mod ids;
mod random;
mod sorted_set;
mod time;

mod local_time;

mod catalog;
mod settings;
mod time_entry;
mod undo;

mod envelope;
mod event;

mod ledger;
mod rejection;

mod event_processor;

pub mod admission;

pub use catalog::{Client, Color, Project, Tag, Task};
pub use digit::ascii_digit;
pub use envelope::{ENVELOPE_VERSION, EVENT_BYTES_MAX, Envelope, MalformedEvent};
pub use event::{
    ClientRef, CreateClient, CreateProject, CreateTag, CreateTask, CreateTimeEntry, Event,
    NameChanges, ProjectChanges, ProjectRef, SettingsChanges, SplitTimeEntry, StartClock,
    StopClock, TagRef, TaskRef, TimeEntryChanges, TimeEntryRef, UpdateClient, UpdateProject,
    UpdateSettings, UpdateTag, UpdateTask, UpdateTimeEntry,
};
pub use event_processor::{Applied, EventProcessor, Superseded};
pub use ids::{
    ClientId, DeviceId, EntryId, EpochId, EventId, ParseIdError, ProjectId, TagId, TaskId, UserId,
    WriterId,
};
pub use ledger::{Entity, EntityKey, Ledger};
pub use local_time::{Day, FixedOffset, LocalTime, Weekday, day_of, day_start, split_by_day};
pub use random::IdSource;
pub use rejection::{LimitedText, Rejection, RejectionCode};
pub use settings::{Settings, WeekStart};
pub use sorted_set::SortedSet;
pub use time::{DurationMs, InvalidTimestamp, InvalidZone, Timestamp, Zone};
pub use time_entry::{Stop, StopBy, TimeEntry};
pub use undo::{Replaced, UndoError, UndoPlan, UndoStep};

/// The longest description of a time entry, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 3_000;
/// The longest name of a project, client, task or tag, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// The most tags one time entry can carry.
pub const TAGS_PER_ENTRY_MAX: usize = 50;
/// How far ahead of the time of acceptance a clock may start. Devices' clocks and time zones differ
/// by less.
pub const START_AHEAD_MAX: DurationMs = DurationMs::from_minutes(24 * 60);
