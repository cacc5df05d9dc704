//! The browser: thin adapters that perform effects and report inputs. No decision is made here.

pub mod account_api;
pub mod account_link;
pub mod app_version;
pub mod clock;
mod download;
pub mod draft_storage;
mod embed;
pub mod history;
mod http;
mod inbox;
pub mod indexed_db;
mod local_storage;
mod locks;
mod network;
mod runtime;
pub(crate) mod service_worker;
pub mod shortcut_setting;
pub mod sign_in_api;
mod tabs;
mod timers;
pub mod two_step_api;
pub mod undo_storage;
mod websocket;

pub use network::check_zone;
pub use runtime::{dispatch, new_id, start, subscribe, try_dispatch, with_core};
