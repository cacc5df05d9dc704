//! From the socket to the store: a wrapper around the Phoenix client that turns its events into
//! actions. The only file that knows both vocabularies.

use serde_json::value::RawValue;
use wizitime_domain::json::{self, JsonError, JsonText};
use wizitime_protocol::messages::{
    BULK_EVENT, BulkError, GET_LATEST_TIME_ENTRIES, JoinRefusal, NEED_TO_UPDATE_TIME_ENTRIES,
    NeedToUpdate, PING, Pong, Reason,
};
use wizitime_protocol::phoenix::{
    ConnId, Payload, Push, Socket, SocketEffect, SocketEvent, Status,
};
use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Effect;
use crate::effects::Outbox;
use crate::effects::Secret;
use crate::store::{Action, ServerAction};

/// A `ping` with a longer round trip is ignored: it measures the server's clock too imprecisely.
const CLOCK_ROUND_TRIP_MS_MAX: u64 = 4_000;

/// The pushes of the client; the tag comes back with the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushTag {
    BulkEvent,
    ChangesPage,
    Ping { sent: Moment },
}

/// The credentials of the open socket.
#[derive(Clone, Debug)]
struct SocketSession {
    token: Secret,
    topic: String,
}

/// The connection of the signed-in account, and its channel.
#[derive(Clone, Debug, Default)]
pub struct SocketHelper {
    socket: Socket<PushTag>,
    /// Set while the socket is to stay connected.
    session: Option<SocketSession>,
}

type Effects = Vec<SocketEffect<PushTag>>;

impl SocketHelper {
    /// Connects and joins the account's channel, and stays connected until
    /// [`SocketHelper::close`]. Does nothing if it is open already.
    pub fn open(
        &mut self,
        token: Secret,
        topic: &str,
        join_params: JsonText,
        moment: Moment,
        out: &mut Outbox,
    ) {
        if self.session.is_some() {
            return;
        }
        self.session = Some(SocketSession { token, topic: topic.to_owned() });
        let mut effects = Vec::new();
        self.socket.join(topic, join_params, moment, &mut effects);
        self.socket.connect(moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// Disconnects. Pushes in flight end without an action.
    pub fn close(&mut self, out: &mut Outbox) {
        self.session = None;
        let mut effects = Vec::new();
        self.socket.disconnect(&mut effects);
        for effect in effects {
            if let SocketEffect::Close { conn } = effect {
                out.effects.push(Effect::CloseSocket { conn });
            }
        }
    }

    /// Sets the payload of the next join, so that a rejoin sends the latest cursor.
    pub fn set_join_params(&mut self, params: JsonText, moment: Moment) {
        if let Some(session) = &self.session {
            // The topic is known already, so this sends nothing.
            self.socket.join(&session.topic, params, moment, &mut Vec::new());
        }
    }

    /// Pushes to the account's channel. The outcome comes as an action, at once if the push cannot
    /// be sent.
    pub fn push(
        &mut self,
        tag: PushTag,
        payload: JsonText,
        timeout_ms: u64,
        moment: Moment,
        out: &mut Outbox,
    ) {
        let event = match tag {
            PushTag::BulkEvent => BULK_EVENT,
            PushTag::ChangesPage => GET_LATEST_TIME_ENTRIES,
            PushTag::Ping { .. } => PING,
        };
        let mut effects = Vec::new();
        let is_sent = self.session.as_ref().is_some_and(|SocketSession { topic, .. }| {
            let push = Push { topic, event, payload: Payload::Json(payload), timeout_ms, tag };
            self.socket.push(push, moment.mono, &mut effects).is_ok()
        });
        if is_sent {
            self.process(effects, moment, out);
        } else {
            out.actions.extend(outcome_unknown(tag).map(Action::Server));
        }
    }

    /// Reconnects at once, or checks that an open connection still works.
    pub fn probe(&mut self, moment: Moment, out: &mut Outbox) {
        let mut effects = Vec::new();
        self.socket.probe(moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// The connection is open.
    pub fn opened(&mut self, conn: ConnId, moment: Moment, out: &mut Outbox) {
        let mut effects = Vec::new();
        self.socket.opened(conn, moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// The connection is closed, with the close code if there was one.
    pub fn closed(&mut self, conn: ConnId, code: Option<u16>, moment: Moment, out: &mut Outbox) {
        let mut effects = Vec::new();
        self.socket.closed(conn, code, moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// A text frame arrived.
    pub fn received(&mut self, conn: ConnId, text: &str, moment: Moment, out: &mut Outbox) {
        let mut effects = Vec::new();
        self.socket.received(conn, text, moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// Handles everything that is due.
    pub fn timer_fired(&mut self, moment: Moment, out: &mut Outbox) {
        let mut effects = Vec::new();
        self.socket.timer_fired(moment, &mut effects);
        self.process(effects, moment, out);
    }

    /// When [`SocketHelper::timer_fired`] is to be called next.
    pub fn next_timer(&self) -> Option<MonoTime> {
        self.socket.next_timer()
    }

    /// Translates the socket's effects into the app's effects and actions.
    fn process(&self, effects: Effects, moment: Moment, out: &mut Outbox) {
        for effect in effects {
            match effect {
                SocketEffect::Connect { conn } => {
                    let token = self.session.as_ref().map(|session| session.token.clone());
                    out.effects.extend(token.map(|token| Effect::Connect { conn, token }));
                }
                SocketEffect::Send { conn, text } => out.effects.push(Effect::Send { conn, text }),
                SocketEffect::Close { conn } => out.effects.push(Effect::CloseSocket { conn }),
                SocketEffect::Event(event) => {
                    out.actions.extend(action(event, moment).map(Action::Server))
                }
            }
        }
    }
}

/// The action that an event of the socket leads to.
fn action(event: SocketEvent<PushTag>, moment: Moment) -> Option<ServerAction> {
    match event {
        SocketEvent::Opened => None,
        SocketEvent::Lost { failed_connects, .. } => {
            Some(ServerAction::ConnectionLost { failed_connects })
        }
        SocketEvent::ChannelErrored { .. } => {
            Some(ServerAction::ConnectionLost { failed_connects: 0 })
        }
        SocketEvent::Joined { response, .. } => {
            let reply = json::from_raw(response.as_raw());
            Some(reply.map_or_else(unreadable, ServerAction::Joined))
        }
        SocketEvent::JoinRefused { response, .. } => {
            let reason = json::from_raw::<JoinRefusal>(response.as_raw()).map(|it| it.reason);
            let reason = reason.unwrap_or_else(|_| "unknown".to_owned());
            Some(ServerAction::JoinRefused { reason })
        }
        SocketEvent::Replied { tag, status, response } => {
            let response = response.as_raw();
            match tag {
                PushTag::BulkEvent => Some(bulk_event_replied(&status, response)),
                PushTag::ChangesPage => Some(changes_page_replied(&status, response)),
                PushTag::Ping { sent } => ping_replied(sent, &status, response, moment),
            }
        }
        SocketEvent::OutcomeUnknown { tag } => outcome_unknown(tag),
        SocketEvent::PushCrashed { tag: PushTag::BulkEvent } => {
            Some(ServerAction::BulkEventRefused(BulkError::because(Reason::Internal)))
        }
        SocketEvent::PushCrashed { tag } => outcome_unknown(tag),
        SocketEvent::Message { event, payload, .. } => broadcast(&event, &payload),
        SocketEvent::BadFrame { detail } => Some(ServerAction::BadMessage { detail }),
    }
}

fn bulk_event_replied(status: &Status, response: &RawValue) -> ServerAction {
    match status {
        // An unreadable reply counts as none: the events are sent again.
        Status::Ok => json::from_raw(response)
            .map_or(ServerAction::BulkEventUnknown, ServerAction::BulkEventAccepted),
        Status::Error | Status::Other(_) => {
            let error = json::from_raw(response);
            ServerAction::BulkEventRefused(
                error.unwrap_or_else(|_| BulkError::because(Reason::Other)),
            )
        }
    }
}

fn changes_page_replied(status: &Status, response: &RawValue) -> ServerAction {
    match status {
        Status::Ok => json::from_raw(response)
            .map_or(ServerAction::ChangesPageFailed, ServerAction::ChangesPage),
        Status::Error | Status::Other(_) => ServerAction::ChangesPageFailed,
    }
}

fn ping_replied(
    sent: Moment,
    status: &Status,
    response: &RawValue,
    moment: Moment,
) -> Option<ServerAction> {
    let round_trip_ms = moment.mono.ms_since(sent.mono);
    if *status != Status::Ok || round_trip_ms > CLOCK_ROUND_TRIP_MS_MAX {
        return None;
    }
    let pong: Pong = json::from_raw(response).ok()?;
    // Assume that the server replied half way through the round trip.
    let half_ms = i64::try_from(round_trip_ms / 2).unwrap_or(0);
    let offset_ms = pong.server_time.as_ms() - (sent.wall.as_ms() + half_ms);
    Some(ServerAction::ClockMeasured { offset_ms })
}

fn outcome_unknown(tag: PushTag) -> Option<ServerAction> {
    match tag {
        PushTag::BulkEvent => Some(ServerAction::BulkEventUnknown),
        PushTag::ChangesPage => Some(ServerAction::ChangesPageFailed),
        PushTag::Ping { .. } => None,
    }
}

fn broadcast(event: &str, payload: &Payload) -> Option<ServerAction> {
    // Any other message is of a newer server.
    (event == NEED_TO_UPDATE_TIME_ENTRIES).then(|| {
        let message = payload.as_json().map(json::from_raw::<NeedToUpdate>);
        // An unreadable broadcast still says that there are changes.
        let cursor = message.and_then(Result::ok).map_or(u64::MAX, |message| message.cursor);
        ServerAction::Broadcast { cursor }
    })
}

fn unreadable(error: JsonError) -> ServerAction {
    ServerAction::BadMessage { detail: error.to_string() }
}
