//! Everything that the shell reports to the core.

use wizitime_domain::{DeviceId, UserId, WriterId, Zone};
use wizitime_protocol::phoenix::ConnId;

use crate::effects::{ArchiveRequest, DurableWrite, Secret};
use crate::features::Intent;

pub use crate::store::{CacheSnapshot, PageEvent, PeerMessage, SignInError};

/// The optional configuration that the embedding page sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedConfig {
    /// `window.userToken`: signed in by the embedding page.
    pub user_token: Option<String>,
    /// `window.userChannel`: the topic to join, `users:<id>`.
    pub user_channel: Option<String>,
}

/// What a tab needs to start.
#[derive(Clone, Debug)]
pub struct StartupData {
    /// A new device id, used if none is stored.
    pub new_device_id: DeviceId,
    /// The id of this tab's life.
    pub writer_id: WriterId,
    /// The device's time zone.
    pub zone: Zone,
    pub embed: EmbedConfig,
    /// All keys and values of this app in localStorage.
    pub stored: Vec<(String, String)>,
}

/// The server's reply to a sign-in or sign-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInReply {
    pub user_id: UserId,
    pub email: String,
    pub token: String,
    pub channel: String,
}

/// The result of checking a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionAnswer {
    Valid,
    /// This token is no longer accepted. The tab may have another one by now.
    Revoked {
        token: Secret,
    },
    /// The server accepts no page of this address.
    Refused {
        reason: String,
    },
    Unreachable,
}

/// An input.
#[derive(Clone, Debug)]
pub enum Input {
    /// The user's intent.
    User(Intent),
    /// The time of `Effect::WakeAt` has come.
    TimerFired,

    SocketOpened {
        conn: ConnId,
    },
    /// `code` is the close code, if there was one.
    SocketClosed {
        conn: ConnId,
        code: Option<u16>,
    },
    FrameReceived {
        conn: ConnId,
        text: String,
    },

    /// localStorage did not take the values of these keys: it is full. Without keys it is blocked.
    StorageWriteFailed {
        keys: Vec<String>,
    },
    /// The answer to `Effect::ReadStorage`: all keys and values.
    StorageRead {
        stored: Vec<(String, String)>,
    },
    /// The answer to `Effect::ReadDurableCopy`: keys and values. None if the browser has no
    /// IndexedDB or refuses it.
    DurableCopyRead {
        stored: Option<Vec<(String, String)>>,
    },
    /// These writes to the durable copy are on disk.
    DurableCopyWritten {
        writes: Vec<DurableWrite>,
    },
    /// The durable copy did not take a write.
    DurableCopyFailed,
    /// The answer to `Effect::ReadArchive`: keys and values. None if the archive cannot be read.
    ArchiveRead {
        request: ArchiveRequest,
        archived: Option<Vec<(String, String)>>,
    },
    /// The answer to `Effect::LoadCache`. None if there is no snapshot, or none that can be read.
    CacheLoaded {
        user_id: UserId,
        snapshot: Option<CacheSnapshot>,
    },
    /// The snapshot is not at the cursor that an `Effect::WriteCache` was based on: a write got
    /// lost, or another tab wrote.
    CacheOutdated {
        user_id: UserId,
    },

    /// Another tab wrote a key of localStorage.
    PeerStored {
        key: String,
        value: String,
    },
    /// Another tab removed a key of localStorage.
    PeerRemoved {
        key: String,
    },
    /// Another tab posted a message.
    PeerMessageReceived(PeerMessage),
    /// This tab got the leader lock. `stored` are all keys and values in localStorage.
    BecameLeader {
        stored: Vec<(String, String)>,
    },
    /// Another tab stole the leader lock.
    LostLeadership,

    Page(PageEvent),
    /// The device moved to another time zone.
    ZoneChanged {
        zone: Zone,
    },
    /// A newer version of the app is ready to start.
    UpdateReady,

    /// The answer to `HttpCall::SignIn`.
    SignInAnswered(Result<SignInReply, SignInError>),
    /// The answer to `HttpCall::Session`.
    SessionAnswered(SessionAnswer),
}
