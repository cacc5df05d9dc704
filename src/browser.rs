//! The browser as a device: adapters that carry out effects and report what happened. No decision
//! is made here.

pub mod clock;
mod download;
mod embed;
mod http;
pub mod indexed_db;
mod local_storage;
mod network;
mod runtime;
mod service_worker;
mod tabs;
mod task;
mod timers;
mod websocket;

pub use runtime::{account_url, dispatch, start, subscribe, with_core};
