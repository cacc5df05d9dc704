//! All that can be to come, in the order of its time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use wizitime::app::effect::DurableWrite;
use wizitime::app::input::Input;
use wizitime_hub::Job;
use wizitime_protocol::phoenix::ConnId;

use super::mischief::Mischief;

/// Which tab of which device.
pub(crate) type Place = (usize, usize);

/// Something that is to come.
#[derive(Debug)]
pub(crate) enum Happening {
    /// An input for a tab, if it still lives the same life.
    Input {
        place: Place,
        life: u64,
        input: Box<Input>,
    },
    /// A timer; the tab may have asked for another time since.
    Wake {
        place: Place,
        life: u64,
        at: u64,
    },
    Opened {
        place: Place,
        life: u64,
        conn: ConnId,
        link: u64,
        token: String,
    },
    ToServer {
        link: u64,
        text: String,
    },
    ToClient {
        place: Place,
        life: u64,
        conn: ConnId,
        link: u64,
        text: String,
    },
    JobDone {
        link: u64,
        job: Box<Job>,
    },
    /// A change of the mirror is on disk.
    Mirror {
        place: Place,
        life: u64,
        write: DurableWrite,
    },
    /// The person at this device does something.
    Act {
        device: usize,
    },
    /// A tab is opened.
    Open {
        place: Place,
    },
    /// A tab is closed or killed.
    Kill {
        place: Place,
    },
    /// The people of a device call it a day; it sleeps, or its tabs are closed, until then.
    Evening {
        device: usize,
        until_ms: u64,
    },
    /// A tab stops for so long, and keeps its lock.
    Freeze {
        place: Place,
        for_ms: u64,
    },
    Network {
        device: usize,
        online: bool,
    },
    ServerUp,
    /// The server is backed up, and later restored from that.
    Backup,
    Restore,
    /// Something else happens to a device.
    Mischief {
        device: usize,
        what: Mischief,
    },
    /// Whoever is signed out at this device signs in.
    SignIn {
        device: usize,
    },
    /// The faults end.
    Calm,
}

/// What is to come. What has the same time comes in the order in which it was planned.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    order: BinaryHeap<Reverse<(u64, u64, usize)>>,
    /// The happenings, each in the slot that the order names.
    slots: Vec<Option<Happening>>,
    free: Vec<usize>,
    planned: u64,
}

impl Queue {
    /// Plans something.
    pub(crate) fn plan(&mut self, at_ms: u64, happening: Happening) {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[slot] = Some(happening);
        self.planned += 1;
        self.order.push(Reverse((at_ms, self.planned, slot)));
    }

    /// Drops what was planned at these places of the plan. The evenings stay: in a night that is
    /// worked through, more happens than in all the days.
    pub(crate) fn leave_out(&mut self, planned: &BTreeSet<u64>) {
        let is_evening = |slot: usize| matches!(self.slots[slot], Some(Happening::Evening { .. }));
        self.order.retain(|Reverse((_, nth, slot))| !planned.contains(nth) || is_evening(*slot));
    }

    /// How much was ever planned.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn planned(&self) -> u64 {
        self.planned
    }

    /// What comes next: when, which of all that was ever planned, and what.
    pub(crate) fn next(&mut self) -> Option<(u64, u64, Happening)> {
        let Reverse((at_ms, planned, slot)) = self.order.pop()?;
        self.free.push(slot);
        Some((at_ms, planned, self.slots[slot].take()?))
    }
}
