//! Time entries: add, edit, delete and restore, and the history by day.

mod bin;
mod day_list;
mod dispatcher;
mod intent;
mod manual_draft;
mod timeline;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub use bin::{BIN_ENTRIES_MAX, select_bin};
pub use day_list::{DayList, select_day_list};
pub(super) use dispatcher::dispatch;
pub use intent::EntryIntent;
pub use manual_draft::{DraftMessage, ManualDraft};
pub use timeline::{DayView, Timeline, WeekTotal};
