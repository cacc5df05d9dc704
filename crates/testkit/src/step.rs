//! The one interpreter of `Effect`: what each effect means for a device, step by step.

use wizitime::app::input::PeerMessage;
use wizitime::effects::Effect;
use wizitime::effects::{ArchiveRequest, CacheWrite, DurableWrite, HttpCall};
use wizitime::store::UndoKind;
use wizitime_domain::{UndoStep, UserId};
use wizitime_protocol::MonoTime;
use wizitime_protocol::phoenix::ConnId;

use crate::profile::StorageOp;

/// One operation of a tab. A tab can be killed between any two.
#[derive(Clone, Debug)]
pub enum Step {
    /// Changes localStorage.
    Storage(StorageOp),
    /// Removes the old key of a moved value, unless the write before it was refused.
    CompleteMove {
        key: String,
    },
    /// Reads all of localStorage.
    ReadStorage,
    /// Asks something of IndexedDB, which replies later.
    Database(DatabaseRequest),
    Network(NetworkRequest),
    PostToPeers(PeerMessage),
    TakeLeaderLock,
    /// Sets the tab's timer; it replaces the one set before.
    WakeAt(MonoTime),
    Display(Display),
    /// Remember an act in the history of the device.
    Remember {
        step: Box<UndoStep>,
        kind: UndoKind,
    },
}

/// A request to IndexedDB.
#[derive(Clone, Debug)]
pub enum DatabaseRequest {
    ReadDurableCopy,
    WriteDurableCopy(DurableWrite),
    ReadArchive(ArchiveRequest),
    LoadCache { user_id: UserId },
    WriteCache(CacheWrite),
    ClearCache { user_id: UserId },
}

impl DatabaseRequest {
    /// Whether the request only reads.
    pub const fn is_read(&self) -> bool {
        match self {
            Self::ReadDurableCopy | Self::ReadArchive(_) | Self::LoadCache { .. } => true,
            Self::WriteDurableCopy(_) | Self::WriteCache(_) | Self::ClearCache { .. } => false,
        }
    }
}

/// A request to the network.
#[derive(Clone, Debug)]
pub enum NetworkRequest {
    Connect { conn: ConnId, token: String },
    Send { conn: ConnId, text: String },
    Close { conn: ConnId },
    Http(HttpCall),
}

/// Something that the user gets to see.
#[derive(Clone, Debug)]
pub enum Display {
    /// The page shows the state of the core.
    Page,
    /// A file is saved.
    Download { text: String },
}

/// The steps of an effect, in their order.
pub fn steps(effect: Effect) -> impl Iterator<Item = Step> {
    let (first, second) = match effect {
        Effect::WriteStorage { key, value } => {
            (Some(Step::Storage(StorageOp::Write { key, value })), None)
        }
        Effect::MoveStorage { from, to, value } => (
            Some(Step::Storage(StorageOp::Write { key: to, value })),
            Some(Step::CompleteMove { key: from }),
        ),
        Effect::RemoveStorage { key } => (Some(Step::Storage(StorageOp::Remove { key })), None),
        Effect::ReadStorage => (Some(Step::ReadStorage), None),
        Effect::ReadDurableCopy => database(DatabaseRequest::ReadDurableCopy),
        Effect::WriteDurableCopy(write) => database(DatabaseRequest::WriteDurableCopy(write)),
        Effect::ReadArchive(request) => database(DatabaseRequest::ReadArchive(request)),
        Effect::LoadCache { user_id } => database(DatabaseRequest::LoadCache { user_id }),
        Effect::WriteCache(write) => database(DatabaseRequest::WriteCache(write)),
        Effect::ClearCache { user_id } => database(DatabaseRequest::ClearCache { user_id }),
        Effect::Connect { conn, token } => {
            network(NetworkRequest::Connect { conn, token: token.0 })
        }
        Effect::Send { conn, text } => network(NetworkRequest::Send { conn, text }),
        Effect::CloseSocket { conn } => network(NetworkRequest::Close { conn }),
        Effect::Http(call) => network(NetworkRequest::Http(call)),
        Effect::PostToPeers(message) => (Some(Step::PostToPeers(message)), None),
        Effect::TakeLeaderLock => (Some(Step::TakeLeaderLock), None),
        Effect::WakeAt(at) => (Some(Step::WakeAt(at)), None),
        Effect::Render(_) => (Some(Step::Display(Display::Page)), None),
        Effect::Download { text, .. } => (Some(Step::Display(Display::Download { text })), None),
        Effect::Remember { step, kind } => (Some(Step::Remember { step, kind }), None),
        Effect::ActivateUpdate | Effect::RequestPersistence => (None, None),
    };
    first.into_iter().chain(second)
}

fn database(request: DatabaseRequest) -> (Option<Step>, Option<Step>) {
    (Some(Step::Database(request)), None)
}

fn network(request: NetworkRequest) -> (Option<Step>, Option<Step>) {
    (Some(Step::Network(request)), None)
}
