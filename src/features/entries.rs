//! Time entries: add, edit, delete and restore, and the history by day.

mod dispatcher;
mod intent;
mod timeline;

pub(super) use dispatcher::dispatch;
pub use intent::EntryIntent;
pub use timeline::{DayView, Timeline, TimelineChanges, WeekTotal};
