//! The WebSocket endpoint: `GET /socket/websocket`.

mod connection;
mod frame_splitter;
mod handshake;
mod limited_stream;
mod receive_budget;
mod termination;

pub(crate) use handshake::upgrade;
pub(crate) use receive_budget::ReceiveBudget;
pub use receive_budget::ReceiveLimits;
