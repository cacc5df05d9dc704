//! The socket: `GET /socket/websocket`.

mod connection;
mod handshake;
mod registry;
mod times;

pub(crate) use handshake::upgrade;
pub(crate) use registry::Registry;
pub use times::SocketTimes;
