//! The kinds of fault and how often each occurs. Each seed draws its own mix, so that some runs
//! have one kind of fault and others have all of them.

use wizitime_domain::IdSource;

use crate::case::Case;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident($name:literal, $frequent:literal),)*) => {
        /// One kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault { $($(#[$doc])* $fault,)* }

        impl Fault {
            /// Every fault with its name and its chance in a thousand, for one occasion, where it
            /// is frequent.
            pub(crate) const ALL: &[(Self, &'static str, u64)] =
                &[$((Self::$fault, $name, $frequent),)*];
        }
    };
}

faults! {
    /// A frame is lost although the connection stands.
    Drop("drop", 100),
    /// A frame arrives twice.
    Duplicate("duplicate", 100),
    /// A frame overtakes others.
    Reorder("reorder", 100),
    /// A frame takes seconds.
    Delay("delay", 100),
    /// The connection breaks at this frame.
    Cut("cut", 60),
    /// A broken connection is not reported: no close event comes.
    Silent("silent", 500),
    /// The server crashes when a batch arrives.
    CrashBeforeCommit("crash-before-commit", 60),
    /// The server crashes when the batch is in the log, before the reply.
    CrashAfterCommit("crash-after-commit", 100),
    /// The database is unavailable.
    Unavailable("unavailable", 150),
    /// A broadcast is lost.
    LostBroadcast("lost-broadcast", 700),
    /// The server is restored from an older backup.
    Restore("restore", 500),
    /// The token is revoked; the user signs in again later.
    Revoke("revoke", 300),
    /// A tab is killed between two steps.
    Kill("kill", 15),
    /// The whole browser is killed at one of its steps.
    Crash("crash", 6),
    /// The power fails: the whole browser is gone at any time.
    PowerCut("power-cut", 500),
    /// A tab is frozen for a while, or for good.
    Freeze("freeze", 500),
    /// localStorage refuses a value.
    Full("full", 50),
    /// localStorage is cleared.
    Clear("clear", 300),
    /// A request to IndexedDB takes up to seconds.
    SlowDatabase("slow-database", 500),
    /// IndexedDB never replies to a tab, as when its connection hangs.
    SilentDatabase("silent-database", 150),
    /// IndexedDB executes a request, and the reply gets lost.
    LostReply("lost-reply", 20),
    /// IndexedDB neither executes nor answers a request.
    HangingRequest("hanging-request", 20),
    /// IndexedDB refuses a request.
    FailedRequest("failed-request", 20),
    /// IndexedDB refuses all requests of a tab, as in a private window.
    BlockedDatabase("blocked-database", 150),
    /// A write of the snapshot cache is lost.
    CacheLost("cache-lost", 200),
    /// The device's clock is set to another time.
    ClockJump("clock-jump", 500),
    /// A profile is copied onto another device, with its identity and its buffer.
    Copy("copy", 300),
    /// A device sleeps for a while; its timers may stand still meanwhile.
    Sleep("sleep", 500),
    /// A device moves to another time zone.
    Zone("zone", 500),
    /// The server is newer: it sends fields that the app does not know.
    NewerServer("newer-server", 1_000),
    /// The server is older and rejects the newest events, until it is upgraded.
    OlderServer("older-server", 1_000),
    /// A newer version of the app left an event that this one does not know.
    NewerApp("newer-app", 500),
    /// Events that can never be accepted are in storage when a tab starts.
    Poison("poison", 300),
}

/// How often each fault occurs in one run.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    /// In a thousand, in the order of [`Fault::ALL`].
    chances: Vec<u64>,
}

impl Faults {
    /// Draws a mix: each fault is absent, rare or frequent.
    pub(crate) fn draw(rng: &mut IdSource, case: &Case) -> Self {
        let only = case.only.as_deref().map(|it| it.split(',').map(named).collect::<Vec<_>>());
        let chance = |&(fault, _, frequent): &(Fault, &str, u64)| {
            let drawn = rng.below(4);
            match &only {
                Some(only) => u64::from(only.contains(&fault)) * frequent,
                None if frequent == 0 => 0,
                None => [0, 0, frequent / 10 + 1, frequent][drawn as usize],
            }
        };
        let mut chances: Vec<u64> = Fault::ALL.iter().map(chance).collect();
        // An event has two copies, in localStorage and in IndexedDB: a run loses one kind only.
        let lost: &[Fault] = match rng.below(2) {
            _ if only.is_some() => &[],
            0 => &[
                Fault::SilentDatabase,
                Fault::LostReply,
                Fault::HangingRequest,
                Fault::FailedRequest,
                Fault::BlockedDatabase,
            ],
            _ => &[
                Fault::Crash,
                Fault::PowerCut,
                Fault::Full,
                Fault::Clear,
                Fault::Restore,
                Fault::Copy,
            ],
        };
        lost.iter().for_each(|fault| chances[*fault as usize] = 0);
        // Two devices of one identity have no common order of what a restored server lost. And a
        // copy of a profile whose storage was cleared lacks what only its tabs still had.
        if chances[Fault::Restore as usize] > 0 || chances[Fault::Clear as usize] > 0 {
            chances[Fault::Copy as usize] = 0;
        }
        for fault in &case.without {
            chances[*fault as usize] = 0;
        }
        Self { chances }
    }

    /// The chance of a fault, in a thousand.
    pub(crate) fn chance(&self, fault: Fault) -> u64 {
        self.chances[fault as usize]
    }
}

/// The fault of this name.
fn named(name: &str) -> Fault {
    let found = Fault::ALL.iter().find(|(_, it, _)| *it == name);
    let names = || Fault::ALL.iter().map(|(_, it, _)| *it).collect::<Vec<_>>().join(", ");
    found.map_or_else(|| panic!("there is no fault `{name}`, only: {}", names()), |it| it.0)
}
