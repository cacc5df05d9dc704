//! Notices and the offered update.

mod dispatcher;
mod intent;

pub(super) use dispatcher::dispatch;
pub use intent::NoticeIntent;
