//! The WebSocket endpoint: `GET /socket/websocket`.

mod connection;
mod handshake;

pub(crate) use handshake::upgrade;
