//! All that can happen to a client.

use wizitime_domain::{DeviceId, Entity, EpochId, Timestamp, UserId, WriterId, Zone};
use wizitime_protocol::phoenix::{ConnId, MonoTime};

use crate::dispatchers::{Intent, Secret};

/// When an input arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// By the device's clock, which may be wrong and may jump.
    pub wall: Timestamp,
    /// By a clock that never goes back, for waits.
    pub mono: MonoTime,
}

/// What the page that hosts the app says, as in the original: all of it is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosting {
    /// `window.userToken`: signed in by the hosting page.
    pub user_token: Option<String>,
    /// `window.userChannel`: the topic to join, `users:<id>`.
    pub user_channel: Option<String>,
}

/// What a tab finds when it starts.
#[derive(Clone, Debug)]
pub struct Boot {
    /// A new device id, used if none is stored.
    pub new_device_id: DeviceId,
    /// The id of this tab's life.
    pub writer_id: WriterId,
    /// The device's time zone.
    pub zone: Zone,
    pub hosting: Hosting,
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
pub struct SignedIn {
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
    WhoSends,
    /// It is.
    ISend,
    /// The tab that sends has offered the log of this name all that was acknowledged before.
    Offered(EpochId),
}

/// A change in the world around the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldChange {
    /// The network came back.
    Online,
    /// The network is gone.
    Offline,
    /// The page is seen again, was focused or woke up.
    Shown,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The answer to [`crate::Effect::LoadCache`].
    CacheLoaded {
        user_id: UserId,
        snapshot: Option<CacheSnapshot>,
    },
    /// The device's copy of the confirmed data is not what the changes were made for: a write got
    /// lost, or another tab wrote.
    CacheBehind {
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
    /// The time that [`crate::Effect::WakeAt`] asked for has come.
    Woke,
    /// localStorage did not take the values of these keys: full. Without a key: it is blocked.
    StoreFailed {
        keys: Vec<String>,
    },
    /// The answer to [`crate::Effect::ReadMirror`]; none if the browser has no such storage, or
    /// refuses it.
    MirrorRead {
        stored: Option<Vec<(String, String)>>,
    },
    /// These keys are on disk in the mirror, and these in the archive.
    Mirrored {
        keys: Vec<String>,
        archived: Vec<String>,
    },
    /// The answer to [`crate::Effect::ReadArchive`]: keys and texts; nothing if it cannot be read.
    ArchiveRead {
        user_id: UserId,
        archived: Vec<(String, String)>,
    },
    /// The mirror did not take something.
    MirrorFailed,
    /// Another tab stored a value.
    PeerStored {
        key: String,
        value: String,
    },
    /// Another tab removed a key.
    PeerRemoved {
        key: String,
    },
    /// The answer to [`crate::Effect::ReadStorage`].
    StorageRead {
        stored: Vec<(String, String)>,
    },
    /// This tab is the one that sends, and this is all that is stored.
    BecameSender {
        stored: Vec<(String, String)>,
    },
    /// Another tab took over the sending, because this one seemed to be gone.
    LostSender,
    /// Another tab said something.
    PeerSaid(PeerMessage),
    World(WorldChange),
    /// The device moved to another time zone.
    ZoneChanged {
        zone: Zone,
    },
    SignInAnswered(Result<SignedIn, SignInError>),
    SessionAnswered(SessionAnswer),
    /// A newer version of the app is ready.
    UpdateReady,
}
