//! Phoenix Channels, protocol version 2.0.0.
//!
//! Both ends are state machines: text and time in, effects out. Nothing here opens a socket, and
//! nothing here queues what could not be sent: whoever pushes owns what they push until a reply.

mod backoff;
mod binary;
mod control;
mod frame;
mod moment;
mod reply;

mod channel;
mod heartbeat;
mod socket;

mod transport;

pub use backoff::{reconnect_after_ms, rejoin_after_ms};
pub use binary::{BinaryError, BinaryFrame};
pub use control::{
    CLOSE_EVENT, ERROR_EVENT, HEARTBEAT_EVENT, JOIN_EVENT, LEAVE_EVENT, PHOENIX_TOPIC, REPLY_EVENT,
    UNMATCHED_TOPIC, VSN, vsn_is_v2,
};
pub use frame::{Frame, FrameError, Payload, Ref};
pub use heartbeat::{HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, PROBE_TIMEOUT_MS};
pub use moment::{Moment, MonoTime};
pub use reply::{Reply, Status};
pub use socket::{
    CONNECT_TIMEOUT_MS, ConnId, JOIN_TIMEOUT_MS, PUSHES_IN_FLIGHT_MAX, PushError, PushId, Socket,
    SocketEffect, SocketEvent,
};
pub use transport::{CHANNELS_PER_TRANSPORT_MAX, JoinRequest, Transport, TransportEvent};
