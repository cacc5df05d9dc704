//! Features: the intents of each, the dispatcher that turns them into actions, and selectors.
//! Pure code here compiles natively; components belong to wasm32 only.

pub mod account;
mod dispatcher;
pub mod drafts;
pub mod entries;
mod event_recorder;
pub mod help;
mod intent;
pub mod notices;
pub mod projects;
pub mod shortcuts;
pub mod sync_status;
pub mod timer;
pub mod undo;

pub use crate::store::TimelineChanges;
pub use crate::store::slices::notices::Refusal;
pub use account::AccountIntent;
pub use dispatcher::dispatch;
pub use entries::{
    BIN_ENTRIES_MAX, DayList, DayView, DraftMessage, EntryIntent, ManualDraft, Timeline, WeekTotal,
    select_bin, select_day_list,
};
pub use event_recorder::EventRecorder;
pub use intent::Intent;
pub use notices::NoticeIntent;
pub use projects::{ProjectIntent, select_projects};
pub use sync_status::{
    QuarantineFix, SyncBadge, SyncIntent, SyncStatus, select_badge, select_status,
};
pub use timer::{
    MainCommand, MainField, MainHint, STILL_RUNNING_AFTER, SUGGESTIONS_MAX, Suggestion,
    TimerIntent, TimerNote, running_part, select_running, select_suggestions, select_timer_note,
};
