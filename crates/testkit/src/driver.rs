//! What a kind of test decides about the devices of its harness.

use std::fmt::Debug;

use crate::device::TabId;
use crate::harness::{Harness, Target};
use crate::profile::StorageOp;
use crate::step::{DatabaseRequest, Display, NetworkRequest, Step};

/// How IndexedDB treats a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// It is executed after the requests before it and so many milliseconds; the tab receives the
    /// reply so many milliseconds after that.
    After { execute_ms: u64, reply_ms: u64 },
    /// It is refused after so many milliseconds.
    Refused { after_ms: u64 },
    /// It is never executed and never answered.
    Silent,
    /// It is executed and never answered.
    NoReply { execute_ms: u64 },
}

impl Latency {
    /// The request is executed and answered at once.
    pub const NONE: Self = Self::After { execute_ms: 0, reply_ms: 0 };
}

/// Schedules, fails and observes the operations of a harness. Each function has the behaviour of a
/// calm world by default.
pub trait Driver: Sized {
    /// A tab's end of a connection.
    type Link: Debug;
    /// What the driver schedules for itself.
    type Event: Debug;

    /// How long a message to the other tabs of a profile takes, in milliseconds.
    const PEER_DELAY_MS: u64;
    /// How long a granted lock takes to be reported, in milliseconds.
    const LOCK_DELAY_MS: u64;

    /// Whether the history is kept; without it no invariant is checked on the way.
    const KEEPS_HISTORY: bool = true;

    /// A scheduled event is due.
    fn event(harness: &mut Harness<Self>, event: Self::Event);

    /// The tab that the event is for: it waits while that tab is frozen.
    fn target(_event: &Self::Event) -> Option<Target> {
        None
    }

    /// A tab asks something of the network.
    fn network(harness: &mut Harness<Self>, tab: TabId, life: u64, request: NetworkRequest);

    /// A tab is about to perform a step. It may be killed here.
    fn before_step(_harness: &mut Harness<Self>, _tab: TabId, _step: &Step) {}

    /// Whether localStorage takes a value.
    fn accepts_write(_harness: &mut Harness<Self>, _tab: TabId, _key: &str) -> bool {
        true
    }

    /// localStorage has been changed; `before` is the value that was replaced or removed.
    fn storage_changed(
        _harness: &mut Harness<Self>,
        _tab: TabId,
        _op: &StorageOp,
        _before: Option<&str>,
    ) {
    }

    /// How IndexedDB treats a request.
    fn database_latency(
        _harness: &mut Harness<Self>,
        _tab: TabId,
        _request: &DatabaseRequest,
    ) -> Latency {
        Latency::NONE
    }

    /// The user gets to see something.
    fn displayed(_harness: &mut Harness<Self>, _tab: TabId, _display: &Display) {}

    /// A tab has handled an input and performed all effects.
    fn after_input(_harness: &mut Harness<Self>, _tab: TabId, _life: u64) {}

    /// A tab was killed, and the lock has been passed on.
    fn tab_killed(_harness: &mut Harness<Self>, _tab: TabId, _link: Option<Self::Link>) {}

    /// Something worth a line in a trace happened.
    fn trace(&self, _now_ms: u64, _line: impl FnOnce() -> String) {}
}
