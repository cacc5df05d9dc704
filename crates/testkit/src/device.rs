//! A device: one browser profile with its tabs, clocks and network.

use std::fmt;

use wizitime::app::Core;
use wizitime::features::undo::UndoHistory;
use wizitime_domain::{EpochId, Zone};

use crate::acts::Acts;
use crate::profile::Profile;

/// Longer than any test. A tab that is frozen until then never continues by itself.
pub const FOREVER_MS: u64 = 1 << 40;

/// One tab of one device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TabId {
    pub device: usize,
    pub tab: usize,
}

impl TabId {
    pub const fn new(device: usize, tab: usize) -> Self {
        Self { device, tab }
    }
}

impl fmt::Display for TabId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tab {}.{}", self.device, self.tab)
    }
}

impl fmt::Debug for TabId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An open tab. `L` is its end of a connection.
#[derive(Debug)]
pub struct Tab<L> {
    pub core: Core,
    /// Counts the lives of this tab: messages for an earlier life are dropped.
    pub life: u64,
    /// When the core wants to be woken.
    pub wake_ms: Option<u64>,
    /// When the timer that is set fires.
    pub timer_ms: Option<u64>,
    /// The connection that is open or opening.
    pub link: Option<L>,
    /// Nothing reaches the tab before.
    pub frozen_until_ms: u64,
    /// The position whose confirmed data was compared last.
    pub compared: Option<(EpochId, u64)>,
}

/// A device.
#[derive(Debug)]
pub struct Device<L> {
    pub profile: Profile,
    /// `None` for a closed tab.
    pub tabs: Vec<Option<Tab<L>>>,
    /// The tab that holds the leader lock.
    pub leader: Option<usize>,
    /// When IndexedDB will have executed all requests of the profile.
    pub database_busy_until_ms: u64,
    /// How far the wall clock is off.
    pub skew_ms: i64,
    /// How long the monotonic clock stood still while the device slept.
    pub slept_ms: u64,
    pub zone: Zone,
    pub online: bool,
    /// What can be undone. The fake device has one user, so it has one history.
    pub history: UndoHistory,
    /// What the acts of that history changed on the screen.
    pub acts: Acts,
}

impl<L> Device<L> {
    /// A device that is online, with closed tabs and an empty profile.
    pub fn new(tabs: usize) -> Self {
        Self {
            profile: Profile::default(),
            tabs: (0..tabs).map(|_| None).collect(),
            leader: None,
            database_busy_until_ms: 0,
            skew_ms: 0,
            slept_ms: 0,
            zone: Zone::utc(),
            online: true,
            history: UndoHistory::default(),
            acts: Acts::default(),
        }
    }

    /// The open tabs with their place on the device.
    pub fn open_tabs(&self) -> impl Iterator<Item = (usize, &Tab<L>)> {
        self.tabs.iter().enumerate().filter_map(|(index, tab)| Some((index, tab.as_ref()?)))
    }
}
