//! The socket: `GET /socket/websocket`.

mod connection;
mod handshake;
mod limits;
mod registry;
mod times;

pub(crate) use handshake::upgrade;
pub use limits::SocketLimits;
pub(crate) use registry::Registry;
pub use times::SocketTimes;
