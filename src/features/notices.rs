//! Notices and the offered update.

mod dispatcher;
mod intent;
mod middleware;

pub(super) use dispatcher::dispatch;
pub use intent::NoticeIntent;
pub use middleware::NoticeMiddleware;
