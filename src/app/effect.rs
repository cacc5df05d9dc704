//! All that a client may ask of the world.

use wizitime_domain::{DeviceId, Entity, EpochId, UserId};
use wizitime_protocol::phoenix::{ConnId, MonoTime};

use crate::app::Secret;
use crate::app::input::PeerMessage;
use crate::features::TimelineChanges;
use crate::store::Changes;

/// Confirmed data that the device is to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheWrite {
    pub user_id: UserId,
    pub epoch: EpochId,
    pub cursor: u64,
    /// The things that are different.
    pub entities: Vec<Entity>,
    /// The cursor that the copy must be at for the changes to fit; if it is not, nothing is written
    /// and `Input::CacheOutdated` comes back. None: the things replace everything that was kept.
    pub base: Option<(EpochId, u64)>,
}

/// An atomic batch of IndexedDB writes: puts, deletes and archive moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DurableWrite {
    /// Keys and texts, as in localStorage.
    pub puts: Vec<(String, String)>,
    pub removes: Vec<String>,
    /// What is kept of acknowledged events, and what no longer is.
    pub archive_puts: Vec<(String, String)>,
    pub archive_removes: Vec<String>,
}

impl DurableWrite {
    /// Whether it changes nothing.
    pub const fn is_empty(&self) -> bool {
        self.puts.is_empty()
            && self.removes.is_empty()
            && self.archive_puts.is_empty()
            && self.archive_removes.is_empty()
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
    /// Write to localStorage; a failure comes back as `Input::StorageWriteFailed`.
    /// `sync::RefusedWrites` says which later writes fail with it.
    WriteStorage {
        key: String,
        value: String,
    },
    /// Write to localStorage under a new key, and only when that is done remove the old one; a
    /// failure comes back as `Input::StorageWriteFailed` for the new key, as for `Store`.
    MoveStorage {
        from: String,
        to: String,
        value: String,
    },
    /// Remove from localStorage.
    RemoveStorage {
        key: String,
    },
    /// Read all of localStorage again; answer with `Input::StorageRead`.
    ReadStorage,
    /// Ask the browser not to clear this app's storage when it needs room.
    RequestPersistence,
    /// Read the durable copy of the buffer; answer with `Input::DurableCopyRead`. localStorage
    /// reaches the disk seconds after a write; the durable copy reports when it has.
    ReadDurableCopy,
    /// Change the durable copy, after all changes before it; answer with
    /// `Input::DurableCopyWritten` when it is on disk, or with `Input::DurableCopyFailed`.
    WriteDurableCopy(DurableWrite),
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
    PostToPeers(PeerMessage),
    /// Become the tab that sends in spite of the one that holds the lock; `Input::BecameLeader`
    /// follows here, `Input::LostLeadership` there.
    TakeLeaderLock,
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
