//! A browser profile: what is on its disk, and its tabs.

use std::collections::BTreeMap;

use wizitime::app::Core;
use wizitime_domain::{UserId, Zone};
use wizitime_protocol::phoenix::ConnId;

use crate::cache::Cache;

/// Where a device may be.
pub(crate) const ZONES: [&str; 4] = ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"];

/// One tab's life.
pub(crate) struct Tab {
    pub(crate) client: Core,
    /// Counts lives: what was meant for an earlier life does not reach this one.
    pub(crate) life: u64,
    /// When the tab wants to be woken, and when the timer that is set will go off.
    pub(crate) wake_ms: Option<u64>,
    pub(crate) timer_ms: Option<u64>,
    /// The socket that is open or opening.
    pub(crate) conn: Option<(ConnId, u64)>,
    /// Nothing reaches the tab before.
    pub(crate) frozen_until_ms: u64,
    /// The cursor whose confirmed data was last compared with the server's.
    pub(crate) checked: Option<(wizitime_domain::EpochId, u64)>,
}

impl Tab {
    /// A tab that is awake, without a connection.
    pub(crate) fn new(client: Core, life: u64) -> Self {
        Self {
            client,
            life,
            wake_ms: None,
            timer_ms: None,
            conn: None,
            frozen_until_ms: 0,
            checked: None,
        }
    }
}

/// A browser profile.
#[derive(Default)]
pub(crate) struct Device {
    pub(crate) local_storage: BTreeMap<String, String>,
    /// What was written to localStorage and is not on disk yet: when, which key, and what it was
    /// before.
    pub(crate) unflushed: Vec<(u64, String, Option<String>)>,
    /// IndexedDB's mirror of the buffer. A change of it is on disk when it is made.
    pub(crate) mirror: BTreeMap<String, String>,
    /// What was acknowledged lately.
    pub(crate) archive: BTreeMap<String, String>,
    /// When the last change of the mirror that was asked for will be made.
    pub(crate) mirror_busy_until_ms: u64,
    pub(crate) caches: BTreeMap<UserId, Cache>,
    /// Another device had the same profile at some time.
    pub(crate) is_copied: bool,
    pub(crate) tabs: Vec<Option<Tab>>,
    /// The tab that holds the sender's lock.
    pub(crate) sender: Option<usize>,
    /// The device's clock is this far off.
    pub(crate) skew_ms: i64,
    /// How long the clock for waits stood still.
    pub(crate) slept_ms: u64,
    /// Whether that clock stands still while the device sleeps, as on some systems.
    pub(crate) waits_stop_asleep: bool,
    /// No tab is opened before.
    pub(crate) asleep_until_ms: u64,
    /// The zone that the device is in, by its place in [`ZONES`].
    pub(crate) zone: usize,
    /// What a newer version of the app left in storage: the end of its key.
    pub(crate) newer: Vec<String>,
    /// Whether the page that hosts the app says who is signed in.
    pub(crate) hosted: bool,
    /// Whether there is a network.
    pub(crate) online: bool,
}

impl Device {
    /// The zone that the device is in.
    pub(crate) fn zone(&self) -> Zone {
        Zone::new(ZONES[self.zone]).unwrap_or_else(|_| Zone::utc())
    }
}
