//! Between the store and the Phoenix socket.

mod socket_helper;
pub mod socket_middleware;

pub use socket_helper::{PushTag, SocketHelper};
