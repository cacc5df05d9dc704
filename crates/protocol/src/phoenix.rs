//! Phoenix Channels, wire format 2.0.0: the client's [`Socket`] and the server's [`Transport`].
//!
//! Both are state machines that perform no I/O: they take frames and a [`Moment`](crate::Moment)
//! and return effects. Neither queues a push that cannot be sent; the caller keeps its payload
//! until the reply.

mod binary;
mod control;
mod frame;
mod reply;

mod channel;
mod heartbeat;
mod socket;

mod transport;

pub use binary::{BinaryError, BinaryFrame};
pub use control::{
    CLOSE_EVENT, ERROR_EVENT, HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, PHOENIX_TOPIC, REPLY_EVENT,
    UNMATCHED_TOPIC, VSN, vsn_is_v2,
};
pub use frame::{ClientFrame, Frame, FrameError, Payload, Ref};
pub use heartbeat::{HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, PROBE_TIMEOUT_MS};
pub use reply::{Reply, Status};
pub use socket::{
    CONNECT_TIMEOUT_MS, ConnId, JOIN_TIMEOUT_MS, PUSHES_IN_FLIGHT_MAX, Push, PushError, Socket,
    SocketEffect, SocketEvent,
};
pub use transport::{CHANNELS_PER_TRANSPORT_MAX, JoinRequest, Transport, TransportEvent};
