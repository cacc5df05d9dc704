//! The data flow from the socket to the store: a wrapper around the Phoenix client, the only file
//! that knows both vocabularies.

use serde_json::value::RawValue;
use wizitime_domain::Timestamp;
use wizitime_domain::json::{self, JsonError, JsonText};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, GET_LATEST_TIME_ENTRIES, JoinRefusal, NEED_TO_UPDATE_TIME_ENTRIES,
    NeedToUpdate, PING, Pong, Reason,
};
use wizitime_protocol::phoenix::{
    ConnId, Moment, MonoTime, Payload, Push, Socket, SocketEffect, SocketEvent, Status,
};

use crate::app::Outbox;
use crate::app::Secret;
use crate::app::effect::Effect;
use crate::store::Action;

/// How long a push waits for its reply unless it says otherwise, as in the original.
pub const PUSH_TIMEOUT_MS: u64 = 5_000;
/// A round trip longer than this tells too little about the server's clock.
const CLOCK_ROUND_TRIP_MS_MAX: u64 = 4_000;

/// The kind of a push; it comes back with the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushTag {
    BulkEvent,
    ChangesPage,
    /// Sent at this time.
    Ping {
        wall: Timestamp,
        mono: MonoTime,
    },
    Other,
}

/// The account's channel on its connection.
#[derive(Clone, Debug, Default)]
pub struct SocketHelper {
    socket: Socket<PushTag>,
    /// Token and topic while somebody is signed in.
    account: Option<(String, String)>,
}

impl SocketHelper {
    /// Connects and joins the account's channel; keeps at it until [`SocketHelper::close`].
    pub fn init(
        &mut self,
        token: String,
        channel: String,
        join_params: JsonText,
        moment: Moment,
    ) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.disconnect(&mut out);
        self.socket.join(&channel, join_params, moment, &mut out);
        self.account = Some((token, channel));
        self.socket.connect(moment, &mut out);
        out
    }

    /// What the next join will say: read when it is sent, so that it has the newest cursor.
    pub fn set_join_params(&mut self, params: JsonText, moment: Moment) {
        if let Some((_, channel)) = &self.account {
            // The topic is known already, so this sends nothing.
            self.socket.join(channel, params, moment, &mut Vec::new());
        }
    }

    /// Leaves for good.
    pub fn close(&mut self) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.disconnect(&mut out);
        // Nobody is signed in, so the outcome of a push no longer matters.
        out.retain(|effect| !matches!(effect, SocketEffect::Event(_)));
        self.account = None;
        out
    }

    /// Pushes to the account's channel. The reply, or that there will be none, comes as an action.
    /// None if it could not be sent: for the buffer the same as no answer.
    pub fn push(
        &mut self,
        event: &str,
        payload: JsonText,
        timeout_ms: u64,
        now: Moment,
    ) -> Option<Vec<SocketEffect<PushTag>>> {
        let tag = match event {
            BULK_EVENT => PushTag::BulkEvent,
            GET_LATEST_TIME_ENTRIES => PushTag::ChangesPage,
            PING => PushTag::Ping { wall: now.wall, mono: now.mono },
            _ => PushTag::Other,
        };
        let (_, topic) = self.account.as_ref()?;
        let payload = Payload::Json(payload);
        let mut out = Vec::new();
        let push = Push { topic, event, payload, timeout_ms, tag };
        self.socket.push(push, now.mono, &mut out).ok()?;
        Some(out)
    }

    /// Whether a push would be sent.
    pub fn is_joined(&self) -> bool {
        self.account.as_ref().is_some_and(|(_, channel)| self.socket.is_joined(channel))
    }

    /// Whether a connection is wanted.
    pub const fn is_open(&self) -> bool {
        self.account.is_some()
    }

    /// Gives the channel up and joins anew.
    pub fn rejoin(&mut self, moment: Moment) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        if let Some((_, channel)) = &self.account {
            self.socket.rejoin(channel, moment, &mut out);
        }
        out
    }

    /// Reconnects at once, or makes an open connection prove itself.
    pub fn probe(&mut self, moment: Moment) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.probe(moment, &mut out);
        out
    }

    /// The connection is open.
    pub fn opened(&mut self, conn: ConnId, moment: Moment) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.opened(conn, moment, &mut out);
        out
    }

    /// The connection is closed.
    pub fn closed(
        &mut self,
        conn: ConnId,
        code: Option<u16>,
        moment: Moment,
    ) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.closed(conn, code, moment, &mut out);
        out
    }

    /// A frame arrived.
    pub fn received(
        &mut self,
        conn: ConnId,
        text: &str,
        moment: Moment,
    ) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.received(conn, text, moment, &mut out);
        out
    }

    /// Time passed.
    pub fn woke(&mut self, moment: Moment) -> Vec<SocketEffect<PushTag>> {
        let mut out = Vec::new();
        self.socket.timer_fired(moment, &mut out);
        out
    }

    /// When [`SocketHelper::woke`] is to be called next.
    pub fn due(&self) -> Option<MonoTime> {
        self.socket.next_timer()
    }

    /// Translates what the socket wants and says.
    pub fn hear(&mut self, socket_effects: Vec<SocketEffect<PushTag>>, now: Moment) -> Outbox {
        let mut heard = Outbox::default();
        for effect in socket_effects {
            match effect {
                SocketEffect::Connect { conn } => {
                    let token = self.account.as_ref().map(|(token, _)| token.clone());
                    let token = Secret(token.unwrap_or_default());
                    heard.effects.push(Effect::Connect { conn, token });
                }
                SocketEffect::Send { conn, text } => {
                    heard.effects.push(Effect::Send { conn, text });
                }
                SocketEffect::Close { conn } => heard.effects.push(Effect::CloseSocket { conn }),
                SocketEffect::Event(event) => heard.actions.extend(Self::translate(event, now)),
            }
        }
        heard
    }

    fn translate(event: SocketEvent<PushTag>, now: Moment) -> Option<Action> {
        match event {
            SocketEvent::Opened => None,
            SocketEvent::Lost { failed_connects, .. } => Some(Action::LinkLost { failed_connects }),
            SocketEvent::ChannelErrored { .. } => Some(Action::LinkLost { failed_connects: 0 }),
            SocketEvent::Joined { response, .. } => {
                Some(json::from_raw(response.as_raw()).map_or_else(bad, Action::ChannelJoined))
            }
            SocketEvent::JoinRefused { response, .. } => {
                let reason = json::from_raw::<JoinRefusal>(response.as_raw()).map(|it| it.reason);
                let reason = reason.unwrap_or_else(|_| "unknown".to_owned());
                Some(Action::ChannelRefused { reason })
            }
            SocketEvent::Replied { tag, status, response } => {
                replied(tag, &status, response.as_raw(), now)
            }
            SocketEvent::OutcomeUnknown { tag } => match tag {
                PushTag::BulkEvent => Some(Action::BulkTimeout),
                PushTag::ChangesPage => Some(Action::LatestFailed),
                PushTag::Ping { .. } | PushTag::Other => None,
            },
            SocketEvent::Message { event, payload, .. } if event == NEED_TO_UPDATE_TIME_ENTRIES => {
                let changes = payload.as_json().map(json::from_raw::<NeedToUpdate>);
                // A hint that cannot be read is still a hint.
                let cursor =
                    changes.and_then(Result::ok).map_or(u64::MAX, |changes| changes.cursor);
                Some(Action::SocketReceiveBroadcast { cursor })
            }
            // A message of a newer server.
            SocketEvent::Message { .. } => None,
            SocketEvent::BadFrame { detail } => Some(Action::BadMessage { detail }),
        }
    }
}

fn replied(tag: PushTag, status: &Status, response: &RawValue, now: Moment) -> Option<Action> {
    match (tag, status) {
        (PushTag::BulkEvent, Status::Ok) => {
            // An answer that cannot be read is no answer: the events are sent again.
            Some(json::from_raw(response).map_or(Action::BulkTimeout, Action::BulkOk))
        }
        (PushTag::BulkEvent, Status::Error | Status::Other(_)) => {
            let error = json::from_raw(response);
            Some(Action::BulkError(error.unwrap_or_else(|_| BulkError::because(Reason::Other))))
        }
        (PushTag::ChangesPage, Status::Ok) => {
            Some(json::from_raw(response).map_or(Action::LatestFailed, Action::LatestOk))
        }
        (PushTag::ChangesPage, Status::Error | Status::Other(_)) => Some(Action::LatestFailed),
        (PushTag::Ping { wall, mono }, Status::Ok) => {
            let pong: Pong = json::from_raw(response).ok()?;
            let round_trip_ms = now.mono.ms_since(mono);
            if round_trip_ms > CLOCK_ROUND_TRIP_MS_MAX {
                return None;
            }
            // The server answered about half way through.
            let half_ms = i64::try_from(round_trip_ms / 2).unwrap_or(0);
            let offset_ms = pong.server_time.as_ms() - (wall.as_ms() + half_ms);
            Some(Action::ClockMeasured { offset_ms })
        }
        (PushTag::Ping { .. }, Status::Error | Status::Other(_)) | (PushTag::Other, _) => None,
    }
}

fn bad(error: JsonError) -> Action {
    Action::BadMessage { detail: error.to_string() }
}
