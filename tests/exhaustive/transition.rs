//! The transitions of a world.

use crate::runner::Scope;

/// A step without a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NormalStep {
    /// A tab's connection opens.
    Connect(u8),
    /// The server gets a frame of a tab, and does what it asks for.
    Serve(u8),
    /// A tab receives what is next on its connection.
    Receive(u8),
    /// A tab is notified of a change of localStorage.
    Stored(u8),
    /// A tab receives another message from its browser.
    BrowserMessage(u8),
    /// IndexedDB executes the next request of a device, and replies.
    Database(u8),
    /// The timer of a tab fires.
    Wake(u8),
    /// The user performs the next action of the script, in this tab.
    Act(u8),
    /// A tab that was killed is opened again.
    Open(u8),
    /// A frozen tab continues.
    Thaw(u8),
    /// Time passes until the next timer is due.
    Pass,
}

impl NormalStep {
    /// The device of the step.
    pub(crate) fn device(self, scope: &Scope) -> Option<u8> {
        match self {
            Self::Connect(tab)
            | Self::Serve(tab)
            | Self::Receive(tab)
            | Self::Stored(tab)
            | Self::BrowserMessage(tab)
            | Self::Wake(tab)
            | Self::Act(tab)
            | Self::Open(tab)
            | Self::Thaw(tab) => Some(scope.device_of(tab)),
            Self::Database(device) => Some(device),
            Self::Pass => None,
        }
    }
}

/// A fault; a world has one at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultStep {
    /// The next frame of a tab is lost although the connection stands.
    LoseUp(u8),
    LoseDown(u8),
    /// The next frame arrives twice.
    DoubleUp(u8),
    DoubleDown(u8),
    /// A connection breaks with all frames on their way, and the tab is notified.
    Cut(u8),
    /// It breaks and the tab is not notified.
    Silence(u8),
    /// The server handles a frame, and its broadcasts are lost.
    LoseBroadcasts(u8),
    /// The server crashes when a batch arrives.
    CrashBefore(u8),
    /// The server crashes when the batch is in the log, before the reply.
    CrashAfter(u8),
    /// A tab is killed.
    Kill(u8),
    /// A tab is killed after so many operations of this step.
    KillWithin(NormalStep, u8),
    /// The browser is killed, and of what localStorage was given only so much is on profile.
    Browser {
        device: u8,
        kept: u8,
    },
    /// The same after so many operations of this step.
    BrowserWithin {
        at: NormalStep,
        operations: u8,
        kept: u8,
    },
    /// localStorage refuses the value with this number of this step.
    Refuse(NormalStep, u8),
    /// A tab is frozen.
    Freeze(u8),
    /// An event that can never be accepted is put into a device's storage.
    Poison(u8),
}

/// A transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transition {
    Normal(NormalStep),
    Fault(FaultStep),
}
