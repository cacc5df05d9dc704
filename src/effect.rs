//! All that a client may ask of the world.

use wizitime_domain::{DeviceId, Entity, EpochId, UserId};
use wizitime_protocol::phoenix::{ConnId, MonoTime};

use crate::dispatchers::Secret;
use crate::input::{Input, PeerMessage};
use crate::selectors::TimelineChanges;
use crate::store::Changes;
use crate::sync::StorageKey;

/// Confirmed data that the device is to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheWrite {
    pub user_id: UserId,
    pub epoch: EpochId,
    pub cursor: u64,
    /// The things that are different.
    pub entities: Vec<Entity>,
    /// The cursor that the copy must be at for the changes to fit; if it is not, nothing is written
    /// and `Input::CacheBehind` comes back. None: the things replace everything that was kept.
    pub base: Option<(EpochId, u64)>,
}

/// What is to be different in the mirror of the buffer, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorWrite {
    /// Keys and texts, as in localStorage.
    pub puts: Vec<(String, String)>,
    pub removes: Vec<String>,
    /// What is kept of acknowledged events, and what no longer is.
    pub archives: Vec<(String, String)>,
    pub unarchives: Vec<String>,
}

/// Which writes are not tried because localStorage refused one before, in one list of effects: no
/// event may come into storage before its cause, or another tab would send it first (P4).
#[derive(Debug, Default)]
pub struct Refusals {
    keys: Vec<String>,
    refused_event: bool,
}

impl Refusals {
    /// Whether a write to this key is refused without being tried.
    pub fn forbid(&self, key: &str) -> bool {
        self.refused_event && is_event(key)
    }

    /// A write to this key was refused.
    pub fn note(&mut self, key: String) {
        self.refused_event |= is_event(&key);
        self.keys.push(key);
    }

    /// What was refused, if anything was: the input that comes before all others.
    pub fn input(self) -> Option<Input> {
        let keys = self.keys;
        (!keys.is_empty()).then_some(Input::StoreFailed { keys })
    }
}

fn is_event(key: &str) -> bool {
    matches!(StorageKey::parse(key), Some(StorageKey::Event { .. }))
}

impl MirrorWrite {
    /// The same as these effects do to localStorage.
    pub fn following(effects: &[Effect]) -> Self {
        let mut write = Self::default();
        for effect in effects {
            #[expect(clippy::wildcard_enum_match_arm, reason = "only storage has a mirror")]
            match effect {
                Effect::Store { key, value } => write.puts.push((key.clone(), value.clone())),
                Effect::Move { from, to, value } => {
                    write.puts.push((to.clone(), value.clone()));
                    write.removes.push(from.clone());
                }
                Effect::Remove { key } => write.removes.push(key.clone()),
                _ => (),
            }
        }
        write
    }

    /// Whether it changes nothing.
    pub const fn is_empty(&self) -> bool {
        self.puts.is_empty()
            && self.removes.is_empty()
            && self.archives.is_empty()
            && self.unarchives.is_empty()
    }
}

/// A question to the server's own API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpCall {
    SignUp {
        email: String,
        password: Secret,
        device_id: DeviceId,
    },
    SignIn {
        email: String,
        password: Secret,
        device_id: DeviceId,
    },
    /// Revokes the token; nobody waits for the answer.
    SignOut {
        token: Secret,
    },
    /// Is the token still good? A browser cannot see why a socket was refused.
    Session {
        token: Secret,
    },
}

/// What is to be shown anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub changes: Changes,
    pub timeline: TimelineChanges,
}

/// One thing to do. Effects are carried out in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write to localStorage; a failure comes back as `Input::StoreFailed`. [`Refusals`] says which
    /// writes fail with it.
    Store {
        key: String,
        value: String,
    },
    /// Write to localStorage under a new key, and only when that is done remove the old one; a
    /// failure comes back as `Input::StoreFailed` for the new key, as for `Store`.
    Move {
        from: String,
        to: String,
        value: String,
    },
    /// Remove from localStorage.
    Remove {
        key: String,
    },
    /// Read all of localStorage again; answer with `Input::StorageRead`.
    ReadStorage,
    /// Ask the browser not to clear this app's storage when it needs room.
    AskToPersist,
    /// Read the mirror of the buffer; answer with `Input::MirrorRead`. localStorage reaches the
    /// disk seconds after it was written; the mirror, in IndexedDB, says when it has.
    ReadMirror,
    /// Change the mirror, after all changes before it; answer with `Input::Mirrored` when it is on
    /// disk, or with `Input::MirrorFailed`.
    WriteMirror(MirrorWrite),
    /// Read what is kept of an account's acknowledged events; answer with `Input::ArchiveRead`.
    ReadArchive {
        user_id: UserId,
    },
    /// Read the confirmed data of an account; answer with `Input::CacheLoaded`.
    LoadCache {
        user_id: UserId,
    },
    /// Keep confirmed data.
    WriteCache(CacheWrite),
    /// Forget the confirmed data of an account.
    ClearCache {
        user_id: UserId,
    },
    /// Open a socket with this token.
    Connect {
        conn: ConnId,
        token: Secret,
    },
    Send {
        conn: ConnId,
        text: String,
    },
    CloseSocket {
        conn: ConnId,
    },
    /// Call again at this time; it replaces what was asked for before.
    WakeAt(MonoTime),
    Http(HttpCall),
    /// Say something to the other tabs of this profile.
    TellPeers(PeerMessage),
    /// Become the tab that sends in spite of the one that holds the lock; `Input::BecameSender`
    /// follows here, `Input::LostSender` there.
    TakeSenderLock,
    /// Let the person save a file.
    Download {
        name: String,
        text: String,
    },
    /// Start the new version of the app.
    ActivateUpdate,
    /// Show what changed.
    Render(Box<Rendered>),
}
