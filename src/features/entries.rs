//! Time entries: add, edit, delete and restore, and the history by day.

mod dispatcher;
mod intent;
mod manual_draft;
mod timeline;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::EntryIntent;
pub use manual_draft::{DraftMessage, ManualDraft};
pub use timeline::{DayView, Timeline, WeekTotal};
