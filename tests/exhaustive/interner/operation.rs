//! The steps of a client with their payloads interned.

use wizitime::app::input::{Input, SessionAnswer};
use wizitime::effects::Effect;
use wizitime::effects::HttpCall;
use wizitime::sync::StorageKey;
use wizitime_domain::{Envelope, EventId};
use wizitime_testkit::{DatabaseRequest, NetworkRequest, Step, StorageOp, steps};

use super::Interner;
use crate::table::{Id, Table};

/// One operation of a tab. A tab can be killed between any two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Writes to localStorage.
    Write(Id),
    /// Removes from localStorage.
    Remove(Id),
    /// Removes the old key of a moved value, unless the write before it was refused.
    CompleteMove(Id),
    /// Asks something of IndexedDB.
    Request(Id),
    ReadStorage,
    Connect {
        conn: u64,
    },
    Send {
        conn: u64,
        frame: Id,
    },
    Close {
        conn: u64,
    },
    /// Posts a message to the other tabs.
    Post(Id),
    TakeLock,
    /// Asks the server's HTTP API, which replies with this input.
    Http(Id),
}

/// The result of an input.
#[derive(Debug)]
pub(crate) struct Handled {
    pub(crate) client: Id,
    pub(crate) operations: Vec<Operation>,
}

/// A change of a profile's stores.
#[derive(Clone, Debug)]
pub(crate) enum StoreChange {
    Storage(StorageOp),
    Database(DatabaseRequest),
}

/// A change of a profile's stores, and what follows from it.
#[derive(Debug)]
pub(crate) struct ChangeInfo {
    pub(crate) change: StoreChange,
    /// The input of the other tab of the profile.
    pub(crate) peer_input: Option<Id>,
    /// The event that is written or removed.
    pub(crate) event: Option<EventId>,
    /// The event, if it is written to the buffer.
    pub(crate) buffered: Option<Envelope>,
    /// Whether it is written to quarantine.
    pub(crate) is_quarantine: bool,
}

impl ChangeInfo {
    /// The key in localStorage.
    pub(crate) fn key(&self) -> Option<&str> {
        match &self.change {
            StoreChange::Storage(op) => Some(op.key()),
            StoreChange::Database(_) => None,
        }
    }

    pub(crate) fn new(change: StoreChange, inputs: &mut Table<Input>) -> Self {
        let (mut peer_input, mut event, mut buffered, mut is_quarantine) =
            (None, None, None, false);
        if let StoreChange::Storage(op) = &change {
            peer_input = Some(inputs.intern(op.peer_input()));
            event = op.event_id();
            if let StorageOp::Write { key, value } = op {
                let key = StorageKey::parse(key);
                is_quarantine = matches!(key, Some(StorageKey::Quarantine { .. }));
                if matches!(key, Some(StorageKey::Event { .. })) {
                    buffered = Envelope::from_json(value).ok();
                }
            }
        }
        Self { change, peer_input, event, buffered, is_quarantine }
    }
}

impl Interner {
    /// The operations of effects. Displays are left out, and so are timers: a client is woken when
    /// its core is due.
    pub(super) fn operations(&mut self, effects: Vec<Effect>) -> Vec<Operation> {
        let steps = effects.into_iter().flat_map(steps);
        steps.filter_map(|step| self.operation(step)).collect()
    }

    fn operation(&mut self, step: Step) -> Option<Operation> {
        Some(match step {
            Step::Storage(op @ StorageOp::Write { .. }) => {
                Operation::Write(self.change(StoreChange::Storage(op)))
            }
            Step::Storage(op @ StorageOp::Remove { .. }) => {
                Operation::Remove(self.change(StoreChange::Storage(op)))
            }
            Step::CompleteMove { key } => {
                let op = StorageOp::Remove { key };
                Operation::CompleteMove(self.change(StoreChange::Storage(op)))
            }
            Step::ReadStorage => Operation::ReadStorage,
            Step::Database(request) => {
                Operation::Request(self.change(StoreChange::Database(request)))
            }
            Step::Network(NetworkRequest::Connect { conn, token: _ }) => {
                Operation::Connect { conn: conn.0 }
            }
            Step::Network(NetworkRequest::Send { conn, text }) => {
                Operation::Send { conn: conn.0, frame: self.frames.intern(text) }
            }
            Step::Network(NetworkRequest::Close { conn }) => Operation::Close { conn: conn.0 },
            Step::Network(NetworkRequest::Http(HttpCall::Session { .. })) => {
                let answer = Input::SessionAnswered(SessionAnswer::Valid);
                Operation::Http(self.inputs.intern(answer))
            }
            Step::Network(NetworkRequest::Http(
                HttpCall::SignIn { .. } | HttpCall::SignOut { .. },
            ))
            | Step::WakeAt(_)
            | Step::Display(_)
            | Step::Remember { .. } => return None,
            Step::PostToPeers(message) => {
                Operation::Post(self.inputs.intern(Input::PeerMessageReceived(message)))
            }
            Step::TakeLeaderLock => Operation::TakeLock,
        })
    }
}
