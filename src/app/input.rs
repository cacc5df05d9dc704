//! All that can happen to a client.

use wizitime_domain::{DeviceId, Entity, EpochId, UserId, WriterId, Zone};
use wizitime_protocol::phoenix::ConnId;

use crate::app::Secret;
use crate::features::Intent;

/// What the page that hosts the app says, as in the original: all of it is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedConfig {
    /// `window.userToken`: signed in by the embed page.
    pub user_token: Option<String>,
    /// `window.userChannel`: the topic to join, `users:<id>`.
    pub user_channel: Option<String>,
}

/// What a tab finds when it starts.
#[derive(Clone, Debug)]
pub struct StartupData {
    /// A new device id, used if none is stored.
    pub new_device_id: DeviceId,
    /// The id of this tab's life.
    pub writer_id: WriterId,
    /// The device's time zone.
    pub zone: Zone,
    pub embed: EmbedConfig,
    /// Everything this app has in localStorage: keys and values.
    pub stored: Vec<(String, String)>,
}

/// Confirmed data as the device kept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSnapshot {
    pub epoch: EpochId,
    pub cursor: u64,
    pub entities: Vec<Entity>,
}

/// What the server says to a sign-in or sign-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInReply {
    pub user_id: UserId,
    pub email: String,
    pub token: String,
    pub channel: String,
}

/// Why signing in did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The server could not be reached.
    Unreachable,
    /// The server refused, with a sentence for the person.
    Refused { message: String },
}

/// What became of a question about the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionAnswer {
    Valid,
    /// This token is no longer accepted. The tab may have another one by now.
    Revoked {
        token: Secret,
    },
    Unreachable,
}

/// What tabs of a profile say to each other, beside what they store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerMessage {
    /// Something waits to be sent: is the tab there that sends?
    LeaderPing,
    /// It is.
    LeaderPong,
    /// The tab that sends has offered the log of this name all that was acknowledged before.
    RestoreCompleted(EpochId),
}

/// A change in the world around the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEvent {
    /// The network came back.
    Online,
    /// The network is gone.
    Offline,
    /// The page is seen again, was focused or woke up.
    Visible,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The answer to `Effect::LoadCache`.
    CacheLoaded {
        user_id: UserId,
        snapshot: Option<CacheSnapshot>,
    },
    /// The device's copy of the confirmed data is not what the changes were made for: a write got
    /// lost, or another tab wrote.
    CacheOutdated {
        user_id: UserId,
    },
    /// The person wants something.
    User(Intent),
    SocketOpened {
        conn: ConnId,
    },
    SocketClosed {
        conn: ConnId,
        code: Option<u16>,
    },
    FrameReceived {
        conn: ConnId,
        text: String,
    },
    /// The time that `Effect::WakeAt` asked for has come.
    TimerFired,
    /// localStorage did not take the values of these keys: full. Without a key: it is blocked.
    StorageWriteFailed {
        keys: Vec<String>,
    },
    /// The answer to `Effect::ReadDurableCopy`: keys and values. None if the browser has no
    /// IndexedDB or refuses it.
    DurableCopyRead {
        stored: Option<Vec<(String, String)>>,
    },
    /// These keys are on disk in the mirror, and these in the archive.
    DurableCopyWritten {
        keys: Vec<String>,
        archived: Vec<String>,
    },
    /// The answer to `Effect::ReadArchive`: keys and texts; nothing if it cannot be read.
    ArchiveRead {
        user_id: UserId,
        archived: Vec<(String, String)>,
    },
    /// The mirror did not take something.
    DurableCopyFailed,
    /// Another tab stored a value.
    PeerStored {
        key: String,
        value: String,
    },
    /// Another tab removed a key.
    PeerRemoved {
        key: String,
    },
    /// The answer to `Effect::ReadStorage`.
    StorageRead {
        stored: Vec<(String, String)>,
    },
    /// This tab is the one that sends, and this is all that is stored.
    BecameLeader {
        stored: Vec<(String, String)>,
    },
    /// Another tab took over the sending, because this one seemed to be gone.
    LostLeadership,
    /// Another tab said something.
    PeerMessageReceived(PeerMessage),
    Page(PageEvent),
    /// The device moved to another time zone.
    ZoneChanged {
        zone: Zone,
    },
    SignInAnswered(Result<SignInReply, SignInError>),
    SessionAnswered(SessionAnswer),
    /// A newer version of the app is ready.
    UpdateReady,
}
