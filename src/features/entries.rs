//! Time entries: add, edit, delete and restore, and the history by day.

mod dispatcher;
mod intent;
mod timeline;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::EntryIntent;
pub use timeline::{DayView, Timeline, WeekTotal};
