//! Everything that the core asks the shell to do. Data only.

use wizitime_domain::{DeviceId, Entity, EpochId, UndoStep, UserId};
use wizitime_protocol::MonoTime;
use wizitime_protocol::phoenix::ConnId;

use super::secret::Secret;
use crate::store::{Changes, PeerMessage, TimelineChanges, UndoKind};

/// A write to the snapshot cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheWrite {
    pub user_id: UserId,
    pub epoch: EpochId,
    /// The position in the server's log after the write.
    pub cursor: u64,
    /// The entities to write.
    pub entities: Vec<Entity>,
    /// The position that the snapshot must have. If it has another, nothing is written and
    /// `Input::CacheOutdated` is reported. None: the entities replace the whole snapshot.
    pub base: Option<(EpochId, u64)>,
}

/// An atomic batch of IndexedDB writes: puts, deletes and archive moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DurableWrite {
    /// Keys and values, as in localStorage.
    pub puts: Vec<(String, String)>,
    pub removes: Vec<String>,
    /// Keys and values of the archive.
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

/// The account of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInAccount {
    /// A new one.
    New {
        email: String,
        password: Secret,
        /// The token of the link that invited the user, where the server needs one.
        invitation: Option<Secret>,
    },
    /// An existing one.
    Existing {
        email: String,
        password: Secret,
        /// Of the second step, if the account has one.
        code: Option<Secret>,
    },
    /// The one of a user whom an OpenID Connect provider has signed in.
    Provider {
        /// What the server gave the page after that (docs/PROTOCOL.md, "Accounts").
        code: Secret,
    },
}

/// A request to the server's HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpCall {
    SignIn {
        account: SignInAccount,
        device_id: DeviceId,
    },
    /// Revokes the token. No input follows.
    SignOut {
        token: Secret,
    },
    /// Checks the token: a browser does not tell why a socket was refused.
    Session {
        token: Secret,
    },
}

/// What has to be shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub changes: Changes,
    pub timeline: TimelineChanges,
}

/// One read of the archive. IndexedDB may answer reads in another order than they were made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveRequest {
    pub user_id: UserId,
    /// Counts the requests of a tab.
    pub number: u64,
}

/// An effect. Effects are performed in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write to localStorage; a failure is reported as `Input::StorageWriteFailed`. After a refused
    /// event no further event of the same list is written (`app::RefusedWrites`).
    WriteStorage {
        key: String,
        value: String,
    },
    /// Write to localStorage under a new key, and only if that succeeds remove the old key. A
    /// failure is reported for the new key, as for `WriteStorage`.
    MoveStorage {
        from: String,
        to: String,
        value: String,
    },
    /// Remove a key from localStorage.
    RemoveStorage {
        key: String,
    },
    /// Read all of localStorage; answered by `Input::StorageRead`.
    ReadStorage,
    /// Ask the browser not to clear this app's storage under storage pressure.
    RequestPersistence,
    /// Read the durable copy; answered by `Input::DurableCopyRead`.
    ReadDurableCopy,
    /// Write to the durable copy, after all earlier writes; answered by `Input::DurableCopyWritten`
    /// when it is on disk, or by `Input::DurableCopyFailed`.
    WriteDurableCopy(DurableWrite),
    /// Read the archive of an account; answered by `Input::ArchiveRead`.
    ReadArchive(ArchiveRequest),
    /// Read the snapshot of an account; answered by `Input::CacheLoaded`.
    LoadCache {
        user_id: UserId,
    },
    /// Write to the snapshot cache.
    WriteCache(CacheWrite),
    /// Remove the snapshot of an account.
    ClearCache {
        user_id: UserId,
    },
    /// Open a socket with this token.
    Connect {
        conn: ConnId,
        token: Secret,
    },
    /// Send a text frame.
    Send {
        conn: ConnId,
        text: String,
    },
    CloseSocket {
        conn: ConnId,
    },
    /// Report `Input::TimerFired` at this time. Replaces the last request.
    WakeAt(MonoTime),
    Http(HttpCall),
    /// Post a message to the other tabs of the profile.
    PostToPeers(PeerMessage),
    /// Steal the leader lock; reported as `Input::BecameLeader` here and as
    /// `Input::LostLeadership` in the tab that had it.
    TakeLeaderLock,
    /// Offer a file to the user.
    Download {
        name: String,
        text: String,
    },
    /// Remember an act in the history of acts.
    Remember {
        step: Box<UndoStep>,
        kind: UndoKind,
    },
    /// Start the new version of the app.
    ActivateUpdate,
    /// Show what changed.
    Render(Box<Rendered>),
}
