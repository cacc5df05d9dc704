//! Everything that can happen to the state, as facts.

use wizitime_domain::{Entity, EpochId, EventId, SortedSet, UserId, Zone};
use wizitime_protocol::messages::{BulkError, BulkReply, ChangesPage, JoinReply};

use super::slices::notices::Notice;
use super::slices::session::Account;
use crate::app::input::{CacheSnapshot, PageEvent, PeerMessage};
use crate::sync::record::{BufferedEvent, Owner, Quarantined, StoredEvent};

/// How much changes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What changed since our cursor.
    Changes,
    /// All there is: we had nothing.
    All,
    /// All there is in another log than ours: what the old one acknowledged may not be in it.
    AnotherLog,
}

/// Where a session comes from, and so whether storage has to learn of it. What a tab read there it
/// never writes back: two tabs would tell each other of their sessions for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSource {
    /// This tab was told by the server or the page.
    Local,
    /// It was read in localStorage.
    OtherTab,
}

/// News from the server, complete up to a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub epoch: EpochId,
    pub cursor: u64,
    pub entities: Vec<Entity>,
    pub scope: Scope,
}

/// A fact. Ours and the server's are different variants, so that no middleware can mistake changes
/// for something to send.
#[derive(Clone, Debug)]
pub enum Action {
    /// Events were recorded in this tab, in this order.
    Recorded(Vec<BufferedEvent>),
    /// Something found in storage: at the start, from another tab, or by looking again.
    StoredEventsFound(Vec<StoredEvent>),
    /// Another tab removed an event: it was acknowledged.
    PeerAcknowledged {
        id: EventId,
    },
    /// Another tab settled what was in quarantine.
    PeerReleasedQuarantined {
        id: EventId,
    },
    /// localStorage did not take these events.
    NotStored {
        ids: Vec<EventId>,
    },
    /// What localStorage did not take, or does not have, is given to it once more; if it refuses
    /// again, it says so.
    StorageRetried {
        records: Vec<StoredEvent>,
    },
    /// Found in the mirror and nowhere else: a crash took them from localStorage.
    Restored(Vec<StoredEvent>),
    /// These events are on disk.
    DurableCopyWritten {
        ids: Vec<EventId>,
    },
    /// The mirror was read, or there is none.
    DurableCopyRead {
        works: bool,
    },
    /// The mirror did not take something.
    DurableCopyFailed,
    /// localStorage is full or blocked.
    StorageRefused,
    /// How many stored texts cannot be read, and which events only by a newer version.
    FoundUnreadable {
        damaged: usize,
        newer: SortedSet<EventId>,
    },
    /// Events that were set aside are to be sent again.
    Requeued {
        records: Vec<BufferedEvent>,
    },
    /// The person gave these up.
    Discarded {
        records: Vec<BufferedEvent>,
    },
    /// Events changed hands: the guest's became the account's. The records are as they were.
    OwnerChanged {
        records: Vec<BufferedEvent>,
        to: Owner,
    },

    /// The channel is joined.
    ChannelJoined(JoinReply),
    /// The channel turned us away.
    ChannelRefused {
        reason: String,
    },
    /// The channel or the connection is gone. `failed_connects` counts attempts in a row.
    LinkLost {
        failed_connects: u32,
    },
    /// The buffered events with these ids go out as one BULK_EVENT.
    SocketBulkPush {
        ids: Vec<EventId>,
        timeout_ms: u64,
    },
    /// What changed since here?
    GetLatestTimeEntries {
        epoch: Option<EpochId>,
        since: u64,
        limit: usize,
        timeout_ms: u64,
    },
    /// The server hints that the log has grown.
    SocketReceiveBroadcast {
        cursor: u64,
    },
    /// The BULK_EVENT is in the log.
    BulkOk(BulkReply),
    /// The BULK_EVENT was refused as a whole.
    BulkError(BulkError),
    /// No answer came: whether the BULK_EVENT is in the log is unknown.
    BulkTimeout,
    /// A page of changes.
    LatestOk(ChangesPage),
    /// No page came.
    LatestFailed,
    /// The server's clock is this far ahead of the device's.
    ClockMeasured {
        offset_ms: i64,
    },
    /// The device's clock was turned back by so much.
    ClockTurnedBack {
        by_ms: i64,
    },
    /// Something that the server sent could not be read.
    BadMessage {
        detail: String,
    },

    /// These events are in the log up to this cursor.
    Acknowledged {
        ids: Vec<EventId>,
        cursor: u64,
    },
    /// These events can never be right, or depend on one that cannot.
    Quarantined(Vec<Quarantined>),
    /// Acknowledged earlier, but this server's log may not have them: they wait again. `keys` are
    /// those of the archive that are done with, because of that or because they are old.
    RestoreResent {
        records: Vec<BufferedEvent>,
        keys: Vec<String>,
    },
    /// Clean-up: events whose effects the confirmed data has are no longer shown by replaying them.
    FilterOutSynced {
        records: Vec<BufferedEvent>,
    },
    /// These are in the archive, or cannot be: they are no longer needed in the buffer.
    Archived {
        records: Vec<BufferedEvent>,
    },
    /// News to take in.
    Confirmed(Confirmed),
    /// The device's copy of the confirmed data has to be written anew.
    CacheOutdated,
    /// The device's copy of the confirmed data was read.
    CacheLoaded {
        user_id: UserId,
        snapshot: Option<CacheSnapshot>,
    },

    /// The person asked to sign in or up.
    SigningIn,
    SignInFailed {
        message: String,
    },
    /// Somebody is signed in.
    SignedIn {
        account: Account,
        from: SessionSource,
    },
    /// The token is no longer accepted.
    SessionExpired {
        from: SessionSource,
    },
    /// Nobody is signed in any more.
    SignedOut,

    Page(PageEvent),
    ZoneChanged(Zone),
    /// Say something to the person.
    Notified(Notice),
    /// The person has seen it, or its time is over.
    NoticeDismissed,
    UpdateReady,
    /// The person wants everything that waits to be tried now.
    SyncRequested,
    /// Time passed.
    TimerFired,
    /// This tab is the one that sends.
    BecameLeader,
    /// Another tab took that over.
    LostLeadership,
    /// Another tab of this profile said something.
    PeerMessageReceived(PeerMessage),
}
