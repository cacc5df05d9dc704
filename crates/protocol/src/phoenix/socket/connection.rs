//! The state of the one connection that a [`Socket`](super::Socket) maintains.

use super::effect::{ConnId, SocketEffect, SocketEvent};
use crate::MonoTime;
use crate::phoenix::control::{HEARTBEAT_EVENT, PHOENIX_TOPIC};
use crate::phoenix::frame::{Frame, Payload, Ref};
use crate::phoenix::heartbeat::Heartbeat;

#[derive(Clone, Debug)]
pub(super) enum ConnectionState<Tag> {
    /// No connection is wanted.
    Disconnected,
    /// The connection was lost; the next attempt is made at `retry_at`.
    Reconnecting {
        retry_at: MonoTime,
    },
    /// An attempt is under way.
    Connecting {
        conn: ConnId,
        deadline: MonoTime,
    },
    Open(Connection<Tag>),
}

/// Everything that belongs to one open connection; dropped as a whole when it ends.
#[derive(Clone, Debug)]
pub(super) struct Connection<Tag> {
    pub(super) conn: ConnId,
    pub(super) heartbeat: Heartbeat,
    /// At most [`PUSHES_IN_FLIGHT_MAX`](super::PUSHES_IN_FLIGHT_MAX).
    pub(super) pending: Vec<PendingRequest<Tag>>,
}

/// A push whose reply has not arrived.
#[derive(Clone, Debug)]
pub(super) struct PendingRequest<Tag> {
    pub(super) reference: u64,
    pub(super) topic: String,
    pub(super) deadline: MonoTime,
    pub(super) tag: Tag,
}

impl<Tag> ConnectionState<Tag> {
    /// The connection that is open or being opened.
    pub(super) fn conn(&self) -> Option<ConnId> {
        match self {
            Self::Disconnected | Self::Reconnecting { .. } => None,
            Self::Connecting { conn, .. } => Some(*conn),
            Self::Open(connection) => Some(connection.conn),
        }
    }
}

impl<Tag> Connection<Tag> {
    pub(super) fn opened(conn: ConnId, now: MonoTime) -> Self {
        Self { conn, heartbeat: Heartbeat::idle_from(now), pending: Vec::new() }
    }

    /// The effect that sends a frame on this connection; none if its payload is binary.
    pub(super) fn send(&self, frame: &Frame) -> Option<SocketEffect<Tag>> {
        frame.encode().map(|text| SocketEffect::Send { conn: self.conn, text })
    }

    /// Sends a heartbeat; the connection counts as dead if the reply takes longer.
    pub(super) fn send_heartbeat(
        &mut self,
        reference: String,
        deadline: MonoTime,
    ) -> Option<SocketEffect<Tag>> {
        let effect = self.send(&Frame {
            join_ref: Ref::Null,
            reference: Ref::text(&*reference),
            topic: PHOENIX_TOPIC.to_owned(),
            event: HEARTBEAT_EVENT.to_owned(),
            payload: Payload::empty(),
        });
        self.heartbeat = Heartbeat::AwaitingReply { reference, deadline };
        effect
    }

    /// Removes the request with this reference.
    pub(super) fn take_pending(&mut self, reference: u64) -> Option<PendingRequest<Tag>> {
        let index = self.pending.iter().position(|it| it.reference == reference)?;
        Some(self.pending.remove(index))
    }

    /// Ends all requests that match, with an unknown outcome.
    pub(super) fn abandon(
        &mut self,
        matches: impl Fn(&PendingRequest<Tag>) -> bool,
        out: &mut Vec<SocketEffect<Tag>>,
    ) {
        let abandoned = self.pending.extract_if(.., |request| matches(request));
        out.extend(abandoned.map(PendingRequest::outcome_unknown));
    }
}

impl<Tag> PendingRequest<Tag> {
    pub(super) fn outcome_unknown(self) -> SocketEffect<Tag> {
        SocketEvent::OutcomeUnknown { tag: self.tag }.into()
    }
}
