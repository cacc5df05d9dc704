//! The data flow from the socket to the store: a wrapper around the Phoenix client, the only file
//! that knows both vocabularies.

use wizitime_domain::Timestamp;
use wizitime_json::{FromJson, Json, JsonError, JsonText};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, BulkReply, GET_LATEST_TIME_ENTRIES, JoinRefusal, JoinReply, Latest,
    NEED_TO_UPDATE_TIME_ENTRIES, NeedToUpdate, PING, Pong, Reason,
};
use wizitime_protocol::phoenix::{
    ConnId, Moment as SocketMoment, Mono, Payload, PushId, Socket, SocketEffect, SocketEvent,
    Status,
};

use crate::app::Secret;
use crate::app::effect::Effect;
use crate::app::{Moment, Outbox};
use crate::store::Action;

/// How long a push waits for its reply unless it says otherwise, as in the original.
pub const PUSH_TIMEOUT_MS: u64 = 5_000;
/// A round trip longer than this tells too little about the server's clock.
const CLOCK_ROUND_TRIP_MS_MAX: u64 = 4_000;

/// What a reply will be an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PendingRequest {
    Bulk,
    Latest,
    /// Sent at this time.
    Ping {
        wall: Timestamp,
        mono: Mono,
    },
    Other,
}

/// The account's channel on its connection.
#[derive(Clone, Debug, Default)]
pub struct SocketHelper {
    socket: Socket,
    /// Token and topic while somebody is signed in.
    account: Option<(String, String)>,
    /// What waits for its reply: no more than the socket lets fly.
    asked: Vec<(PushId, PendingRequest)>,
}

impl SocketHelper {
    /// Connects and joins the account's channel; keeps at it until [`SocketHelper::close`].
    pub fn init(
        &mut self,
        token: String,
        channel: String,
        join_params: JsonText,
        moment: SocketMoment,
    ) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.disconnect(&mut out);
        self.socket.join(&channel, join_params, moment, &mut out);
        self.account = Some((token, channel));
        self.socket.connect(moment, &mut out);
        out
    }

    /// What the next join will say: read when it is sent, so that it has the newest cursor.
    pub fn set_join_params(&mut self, params: JsonText, moment: SocketMoment) {
        if let Some((_, channel)) = &self.account {
            // The topic is known already, so this sends nothing.
            self.socket.join(channel, params, moment, &mut Vec::new());
        }
    }

    /// Leaves for good.
    pub fn close(&mut self) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.disconnect(&mut out);
        self.account = None;
        self.asked.clear();
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
    ) -> Option<Vec<SocketEffect>> {
        let asked = match event {
            BULK_EVENT => PendingRequest::Bulk,
            GET_LATEST_TIME_ENTRIES => PendingRequest::Latest,
            PING => PendingRequest::Ping { wall: now.wall, mono: now.mono },
            _ => PendingRequest::Other,
        };
        let (_, channel) = self.account.as_ref()?;
        let payload = Payload::Json(payload);
        let mut out = Vec::new();
        let pushed = self.socket.push(channel, event, payload, timeout_ms, now.mono, &mut out);
        self.asked.push((pushed.ok()?, asked));
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
    pub fn rejoin(&mut self, moment: SocketMoment) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        if let Some((_, channel)) = &self.account {
            self.socket.rejoin(channel, moment, &mut out);
        }
        out
    }

    /// Reconnects at once, or makes an open connection prove itself.
    pub fn probe(&mut self, moment: SocketMoment) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.probe(moment, &mut out);
        out
    }

    /// The connection is open.
    pub fn opened(&mut self, conn: ConnId, moment: SocketMoment) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.opened(conn, moment, &mut out);
        out
    }

    /// The connection is closed.
    pub fn closed(
        &mut self,
        conn: ConnId,
        code: Option<u16>,
        moment: SocketMoment,
    ) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.closed(conn, code, moment, &mut out);
        out
    }

    /// A frame arrived.
    pub fn received(
        &mut self,
        conn: ConnId,
        text: &str,
        moment: SocketMoment,
    ) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.received(conn, text, moment, &mut out);
        out
    }

    /// Time passed.
    pub fn woke(&mut self, moment: SocketMoment) -> Vec<SocketEffect> {
        let mut out = Vec::new();
        self.socket.woke(moment, &mut out);
        out
    }

    /// When [`SocketHelper::woke`] is to be called next.
    pub fn due(&self) -> Option<Mono> {
        self.socket.due()
    }

    /// Translates what the socket wants and says.
    pub fn hear(&mut self, socket_effects: Vec<SocketEffect>, now: Moment) -> Outbox {
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
                SocketEffect::Event(event) => heard.actions.extend(self.translate(event, now)),
            }
        }
        heard
    }

    fn take_asked(&mut self, push: PushId) -> Option<PendingRequest> {
        let place = self.asked.iter().position(|(known, _)| *known == push)?;
        Some(self.asked.remove(place).1)
    }

    fn translate(&mut self, event: SocketEvent, now: Moment) -> Option<Action> {
        match event {
            SocketEvent::Opened => None,
            SocketEvent::Lost { never_opened: failed_connects, .. } => {
                Some(Action::LinkLost { failed_connects })
            }
            SocketEvent::ChannelErrored { .. } => Some(Action::LinkLost { failed_connects: 0 }),
            SocketEvent::Joined { response, .. } => Some(
                JoinReply::from_json(response.as_json()).map_or_else(bad, Action::ChannelJoined),
            ),
            SocketEvent::JoinRefused { response, .. } => {
                let reason = JoinRefusal::from_json(response.as_json()).map(|it| it.reason);
                let reason = reason.unwrap_or_else(|_| "unknown".to_owned());
                Some(Action::ChannelRefused { reason })
            }
            SocketEvent::Replied { push, status, response } => {
                let asked = self.take_asked(push)?;
                replied(asked, &status, response.as_json(), now)
            }
            SocketEvent::Unanswered { push } => match self.take_asked(push)? {
                PendingRequest::Bulk => Some(Action::BulkTimeout),
                PendingRequest::Latest => Some(Action::LatestFailed),
                PendingRequest::Ping { .. } | PendingRequest::Other => None,
            },
            SocketEvent::Message { event, payload, .. } if event == NEED_TO_UPDATE_TIME_ENTRIES => {
                let changes = payload.as_json().map(NeedToUpdate::from_json);
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

fn replied(
    asked: PendingRequest,
    status: &Status,
    response: Json<'_>,
    now: Moment,
) -> Option<Action> {
    match (asked, status) {
        (PendingRequest::Bulk, Status::Ok) => {
            // An answer that cannot be read is no answer: the events are sent again.
            Some(BulkReply::from_json(response).map_or(Action::BulkTimeout, Action::BulkOk))
        }
        (PendingRequest::Bulk, Status::Error | Status::Other(_)) => {
            let error = BulkError::from_json(response);
            Some(Action::BulkError(error.unwrap_or_else(|_| BulkError::because(Reason::Other))))
        }
        (PendingRequest::Latest, Status::Ok) => {
            Some(Latest::from_json(response).map_or(Action::LatestFailed, Action::LatestOk))
        }
        (PendingRequest::Latest, Status::Error | Status::Other(_)) => Some(Action::LatestFailed),
        (PendingRequest::Ping { wall, mono }, Status::Ok) => {
            let pong = Pong::from_json(response).ok()?;
            let round_trip_ms = now.mono.ms_since(mono);
            if round_trip_ms > CLOCK_ROUND_TRIP_MS_MAX {
                return None;
            }
            // The server answered about half way through.
            let half_ms = i64::try_from(round_trip_ms / 2).unwrap_or(0);
            let offset_ms = pong.server_time.as_ms() - (wall.as_ms() + half_ms);
            Some(Action::ClockMeasured { offset_ms })
        }
        (PendingRequest::Ping { .. }, Status::Error | Status::Other(_))
        | (PendingRequest::Other, _) => None,
    }
}

fn bad(error: JsonError) -> Action {
    Action::BadMessage { detail: error.to_string() }
}
