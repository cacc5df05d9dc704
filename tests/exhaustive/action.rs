//! What can happen next in a world.

use crate::play::Scope;

/// Something that happens by itself, or because the person wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// A tab's connection opens.
    Connect(u8),
    /// The server gets a frame of a tab, and does what it asks for.
    Serve(u8),
    /// A tab gets what comes next on its connection.
    Hear(u8),
    /// A tab hears what the other one changed in localStorage.
    Stored(u8),
    /// A tab hears something else from its browser.
    Told(u8),
    /// The next thing that IndexedDB was asked for on a device is done, and its tab hears of it.
    Disk(u8),
    /// A tab's time has come.
    Wake(u8),
    /// The person does the next thing, in this tab.
    Act(u8),
    /// A tab that was killed is opened again.
    Open(u8),
    /// A tab that was frozen goes on.
    Thaw(u8),
    /// Time passes, until some tab is to be woken.
    Pass,
}

impl Move {
    /// The device that it happens on, or to whose tab's frame.
    pub(crate) fn device(self, scope: &Scope) -> Option<u8> {
        match self {
            Self::Connect(tab)
            | Self::Serve(tab)
            | Self::Hear(tab)
            | Self::Stored(tab)
            | Self::Told(tab)
            | Self::Wake(tab)
            | Self::Act(tab)
            | Self::Open(tab)
            | Self::Thaw(tab) => Some(scope.device_of(tab)),
            Self::Disk(device) => Some(device),
            Self::Pass => None,
        }
    }
}

/// What can happen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// The next frame of a tab is lost although the connection stands.
    LoseUp(u8),
    LoseDown(u8),
    /// The next frame arrives twice.
    DoubleUp(u8),
    DoubleDown(u8),
    /// A connection breaks with all that is under way, and the tab hears of it.
    Cut(u8),
    /// It breaks and the tab does not hear of it.
    Silence(u8),
    /// The server gets a frame, and whatever it tells all others reaches nobody.
    Deaf(u8),
    /// The server dies when a batch arrives.
    CrashBefore(u8),
    /// The server dies when the batch is in the log and nobody knows.
    CrashAfter(u8),
    /// A tab is killed.
    Kill(u8),
    /// A tab is killed when it has done so many of the things that it does because of this.
    KillWithin(Move, u8),
    /// The browser is killed, and of what localStorage was given only so much is on disk.
    Browser {
        device: u8,
        kept: u8,
    },
    /// The same, while one of its tabs does things because of this.
    BrowserWithin {
        at: Move,
        steps: u8,
        kept: u8,
    },
    /// The so-manieth of the values that are written because of this does not fit into storage.
    Refuse(Move, u8),
    /// A tab is frozen.
    Freeze(u8),
    /// An event comes into a device's storage that can never be right.
    Poison(u8),
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Move(Move),
    Strike(Strike),
}
