//! What a client wants done, as numbers.

use wizitime::app::effect::{Effect, HttpCall};
use wizitime::app::input::{Input, SessionAnswer};
use wizitime::sync::StorageKey;
use wizitime_domain::{Envelope, EventId};

use super::Lore;
use crate::disk::Deed;
use crate::table::{Id, Table};

/// One thing that a tab does. A tab can be killed between any two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Writes to localStorage.
    Store(Id),
    /// Removes from localStorage.
    Remove(Id),
    /// Removes from localStorage what the step before has written under another key, if it could.
    MoveAway(Id),
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
    /// Says something to the other tab.
    Tell(Id),
    TakeLock,
    /// Asks the server's own API, which answers with this.
    Ask(Id),
}

/// What comes of an input.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) mind: Id,
    pub(crate) steps: Vec<Step>,
}

/// A deed, and what follows from it for others.
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) deed: Deed,
    /// What the other tab of the profile hears.
    pub(crate) heard: Option<Id>,
    /// The event that is written down or removed.
    pub(crate) event: Option<EventId>,
    /// Its text, if it is written down to wait.
    pub(crate) waits: Option<Envelope>,
    /// Whether it is written down among what was set aside.
    pub(crate) sets_aside: bool,
}

impl Act {
    pub(crate) fn new(deed: Deed, inputs: &mut Table<Input>) -> Self {
        let mut act = Self { deed, heard: None, event: None, waits: None, sets_aside: false };
        match &act.deed {
            Deed::Store { key, value } => {
                let (key, value) = (key.clone(), value.clone());
                let name = StorageKey::parse(&key);
                act.event = name.as_ref().and_then(StorageKey::event_id);
                act.sets_aside = matches!(name, Some(StorageKey::Quarantine { .. }));
                if matches!(name, Some(StorageKey::Event { .. })) {
                    act.waits = Envelope::from_json(&value).ok();
                }
                act.heard = Some(inputs.intern(Input::PeerStored { key, value }));
            }
            Deed::Remove { key } => {
                act.event = StorageKey::parse(key).and_then(|name| name.event_id());
                act.heard = Some(inputs.intern(Input::PeerRemoved { key: key.clone() }));
            }
            Deed::Mirror(_)
            | Deed::ReadMirror
            | Deed::ReadArchive { .. }
            | Deed::LoadCache { .. }
            | Deed::WriteCache(_)
            | Deed::ClearCache => (),
        }
        act
    }
}

impl Lore {
    /// The steps of an effect. What is only shown is left out, and so are timers: a client is woken
    /// when its machines say.
    pub(super) fn steps_of(&mut self, effect: Effect) -> Vec<Step> {
        let step = match effect {
            Effect::WriteStorage { key, value } => {
                Step::Store(self.act(Deed::Store { key, value }))
            }
            Effect::MoveStorage { from, to, value } => {
                let put = self.act(Deed::Store { key: to, value });
                let remove = self.act(Deed::Remove { key: from });
                return vec![Step::Store(put), Step::MoveAway(remove)];
            }
            Effect::RemoveStorage { key } => Step::Remove(self.act(Deed::Remove { key })),
            Effect::ReadStorage => Step::ReadStorage,
            Effect::ReadDurableCopy => Step::Request(self.act(Deed::ReadMirror)),
            Effect::WriteDurableCopy(write) => Step::Request(self.act(Deed::Mirror(write))),
            Effect::ReadArchive { user_id } => {
                Step::Request(self.act(Deed::ReadArchive { user_id }))
            }
            Effect::LoadCache { user_id } => Step::Request(self.act(Deed::LoadCache { user_id })),
            Effect::WriteCache(write) => Step::Request(self.act(Deed::WriteCache(write))),
            Effect::ClearCache { .. } => Step::Request(self.act(Deed::ClearCache)),
            Effect::Connect { conn, token: _ } => Step::Connect { conn: conn.0 },
            Effect::Send { conn, text } => {
                Step::Send { conn: conn.0, frame: self.frames.intern(text) }
            }
            Effect::CloseSocket { conn } => Step::Close { conn: conn.0 },
            Effect::PostToPeers(message) => {
                Step::Tell(self.inputs.intern(Input::PeerMessageReceived(message)))
            }
            Effect::TakeLeaderLock => Step::TakeLock,
            Effect::Http(HttpCall::Session { .. }) => {
                Step::Ask(self.inputs.intern(Input::SessionAnswered(SessionAnswer::Valid)))
            }
            Effect::Http(
                HttpCall::SignUp { .. } | HttpCall::SignIn { .. } | HttpCall::SignOut { .. },
            )
            | Effect::WakeAt(_)
            | Effect::RequestPersistence
            | Effect::Download { .. }
            | Effect::ActivateUpdate
            | Effect::Render(_) => return Vec::new(),
        };
        vec![step]
    }
}
