//! What actions carry.

use wizitime_domain::{Entity, EpochId};

/// How much of the data a [`Confirmed`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What changed since our cursor.
    Changes,
    /// Everything: we had nothing.
    All,
    /// Everything, in another log than ours: it may lack what the old one acknowledged.
    AnotherLog,
}

/// Changes from the server, complete up to a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub epoch: EpochId,
    pub cursor: u64,
    pub entities: Vec<Entity>,
    pub scope: Scope,
}

/// Confirmed data from the snapshot cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSnapshot {
    pub epoch: EpochId,
    pub cursor: u64,
    pub entities: Vec<Entity>,
}

/// What an act means for the history of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoKind {
    /// The user did something new.
    Act,
    /// The user undid the latest act.
    Undo,
    /// The user did again what was undone last.
    Redo,
}

/// Where a session comes from. A tab never writes back what it read: two tabs would overwrite each
/// other's sessions forever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSource {
    /// From the server or the embedding page; has to be stored.
    Local,
    /// Read from localStorage.
    OtherTab,
}

/// Why signing in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The server could not be reached.
    Unreachable,
    /// The server's reply could not be read.
    Unreadable,
    /// The account needs a code too: its sign-in has two steps.
    CodeNeeded,
    /// The server refused, with a sentence for the user.
    Refused { message: String },
}

/// A message between the tabs of a browser profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerMessage {
    /// Is the leader alive?
    LeaderPing,
    /// The leader is alive.
    LeaderPong,
    /// The leader has compared the archive with the log of this epoch.
    RestoreCompleted(EpochId),
}

/// A change of the page or the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEvent {
    /// The network came back.
    Online,
    /// The network is gone.
    Offline,
    /// The page became visible, was focused or resumed.
    Visible,
}
