//! Everything that can happen to the state, as facts, nested by concern.
//!
//! Slices and middlewares skip a concern by name and match every action of the concerns they
//! handle, so that a new action does not compile until each of them has decided about it. The
//! enums within [`PeerAction::Message`] and [`PageAction::Event`] are concerns in the same sense:
//! what handles one of their variants names them all.

mod payload;

use wizitime_domain::{EpochId, EventId, SortedSet, UserId, Zone};
use wizitime_protocol::messages::{BulkError, BulkReply, ChangesPage, JoinReply};

use super::slices::notices::Notice;
use super::slices::session::Account;
use crate::store::record::{BufferedEvent, Owner, Quarantined, StoredEvent};

pub use payload::{
    CacheSnapshot, Confirmed, PageEvent, PeerMessage, Scope, SessionSource, SignInError, UndoKind,
};

/// A fact.
#[derive(Clone, Debug)]
pub enum Action {
    Local(LocalAction),
    Server(ServerAction),
    Sync(SyncAction),
    Storage(StorageAction),
    Session(SessionAction),
    Peer(PeerAction),
    Page(PageAction),
}

/// What the user did in this tab.
#[derive(Clone, Debug)]
pub enum LocalAction {
    /// Events were recorded, in this order.
    Recorded(Vec<BufferedEvent>),
    /// The user discarded these events.
    Discarded { events: Vec<BufferedEvent> },
    /// The user asked to sync now.
    SyncRequested,
    /// A notice is to be shown.
    Notified(Notice),
    /// The notice was closed or its time is over.
    NoticeDismissed,
}

/// The connection: requests to push, replies, broadcasts.
#[derive(Clone, Debug)]
pub enum ServerAction {
    /// The channel is joined.
    Joined(JoinReply),
    /// The server refused the join.
    JoinRefused { reason: String },
    /// The channel or the connection is gone. `failed_connects` counts connection attempts in a
    /// row that never opened.
    ConnectionLost { failed_connects: u32 },
    /// The buffered events with these ids go out as one `BULK_EVENT`.
    PushBulkEvent { ids: Vec<EventId>, timeout_ms: u64 },
    /// A page of changes is requested with `GET_LATEST_TIME_ENTRIES`.
    PushChangesRequest { epoch: Option<EpochId>, since: u64, limit: usize, timeout_ms: u64 },
    /// The `BULK_EVENT` is in the log.
    BulkEventAccepted(BulkReply),
    /// The `BULK_EVENT` was refused as a whole.
    BulkEventRefused(BulkError),
    /// No reply: whether the `BULK_EVENT` is in the log is unknown.
    BulkEventUnknown,
    /// A page of changes.
    ChangesPage(ChangesPage),
    /// The page of changes did not come.
    ChangesPageFailed,
    /// `NEED_TO_UPDATE_TIME_ENTRIES`: a hint that the log has grown.
    Broadcast { cursor: u64 },
    /// The server's clock is this far ahead of the device's.
    ClockMeasured { offset_ms: i64 },
    /// A message of the server could not be read.
    BadMessage { detail: String },
}

/// The progress of events, and confirmed data.
#[derive(Clone, Debug)]
pub enum SyncAction {
    /// These events are in the server's log, which ends at this cursor.
    Acknowledged { ids: Vec<EventId>, cursor: u64 },
    /// These events were rejected, or depend on a rejected one.
    Quarantined(Vec<Quarantined>),
    /// Quarantined or acknowledged events wait again.
    Requeued { events: Vec<BufferedEvent> },
    /// Changes from the server, complete up to a cursor.
    Confirmed(Confirmed),
    /// The confirmed data has these events: they no longer belong to the overlay.
    Synced { events: Vec<BufferedEvent> },
    /// These events are in the archive, or cannot be: the buffer no longer needs them.
    Archived { events: Vec<BufferedEvent> },
    /// The archive was compared with the server's log. `events` are missing there and wait again;
    /// `archive_keys` are no longer needed.
    RestoreResent { events: Vec<BufferedEvent>, archive_keys: Vec<String> },
}

/// What storage holds, took or refused.
#[derive(Clone, Debug)]
pub enum StorageAction {
    /// Events found in localStorage: at the start, from another tab, or when read again.
    EventsFound(Vec<StoredEvent>),
    /// Events that only the durable copy had: a crash took them from localStorage.
    EventsRecovered(Vec<StoredEvent>),
    /// Events that were discarded, possibly by another tab.
    DiscardsFound { ids: SortedSet<EventId> },
    /// Stored texts that cannot be read, and events that only a newer version understands.
    UnreadableFound { corrupt: usize, newer: SortedSet<EventId> },
    /// localStorage did not take these events.
    WriteFailed { ids: Vec<EventId> },
    /// These events are written to localStorage once more.
    WriteRetried { events: Vec<StoredEvent> },
    /// localStorage is full or blocked.
    Refused,
    /// The durable copy was read; not `available` if there is none or it did not answer in time.
    DurableCopyRead { available: bool },
    /// These events are on disk in the durable copy.
    DurableCopyWritten { ids: Vec<EventId> },
    /// The durable copy did not take a write.
    DurableCopyFailed,
    /// The snapshot cache was read.
    CacheLoaded { user_id: UserId, snapshot: Option<CacheSnapshot> },
    /// The snapshot cache did not answer in time. It may still answer.
    CacheReadTimedOut,
    /// The snapshot cache is not at the cursor that a write was based on.
    CacheOutdated,
    /// The archive could not be read.
    ArchiveReadFailed,
}

/// Signing in and out.
#[derive(Clone, Debug)]
pub enum SessionAction {
    /// The user asked to sign in or up.
    SigningIn,
    SignInFailed(SignInError),
    SignedIn {
        account: Account,
        from: SessionSource,
    },
    /// The token is no longer accepted.
    Expired {
        from: SessionSource,
    },
    SignedOut,
    /// Events got another owner. `events` are as they were before.
    OwnerChanged {
        events: Vec<BufferedEvent>,
        to: Owner,
    },
}

/// Other tabs of the browser profile.
#[derive(Clone, Debug)]
pub enum PeerAction {
    /// Another tab removed an event from storage: it was acknowledged.
    Acknowledged { id: EventId },
    /// Another tab removed an event from quarantine.
    RemovedQuarantined { id: EventId },
    /// Another tab posted a message.
    Message(PeerMessage),
    /// This tab is the leader.
    BecameLeader,
    /// Another tab took the leadership.
    LostLeadership,
}

/// The page and the device.
#[derive(Clone, Debug)]
pub enum PageAction {
    Event(PageEvent),
    /// The device's time zone changed.
    ZoneChanged(Zone),
    /// The device's clock was turned back; forward again if `by_ms` is negative.
    ClockTurnedBack {
        by_ms: i64,
    },
    /// A newer version of the app is ready to start.
    UpdateReady,
    /// The requested time has come.
    TimerFired,
}
