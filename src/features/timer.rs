//! The timer: start, stop and continue, and suggestions for the description.

mod dispatcher;
mod intent;
mod main_field;
mod selectors;
mod suggestions;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::TimerIntent;
pub use main_field::{MainCommand, MainField, MainHint, MainTarget, NextEntry};
pub use selectors::{
    STILL_RUNNING_AFTER, TimerNote, running_part, select_running, select_timer_note,
};
pub use suggestions::{SUGGESTIONS_MAX, Suggestion, select_suggestions};
