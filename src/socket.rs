//! Between the store and the Phoenix socket.

mod socket_helper;
pub mod socket_middleware;

pub use socket_helper::{PUSH_TIMEOUT_MS, PushTag, SocketHelper};
