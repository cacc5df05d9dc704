//! Notices and the offered update.

mod dispatcher;
mod intent;
mod middleware;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::NoticeIntent;
pub use middleware::NoticeMiddleware;
