//! A browser profile: what is on its disk, and its tabs.

use std::collections::BTreeMap;

use wizitime::app::Core;
use wizitime_domain::{EpochId, UserId};

use crate::cache::Cache;
use crate::link::Link;

/// One tab's life. When it ends, its socket does.
pub(crate) struct Tab {
    pub(crate) client: Core,
    /// Counts lives: what was meant for an earlier life does not reach this one.
    pub(crate) life: u64,
    pub(crate) link: Option<Link>,
    /// When the client wants to be called.
    pub(crate) wake_at_ms: Option<u64>,
    /// The log and the cursor of the confirmed data that was last looked at.
    pub(crate) looked_at: Option<(EpochId, u64)>,
}

/// A browser profile.
#[derive(Default)]
pub(crate) struct Device {
    pub(crate) local_storage: BTreeMap<String, String>,
    /// IndexedDB's mirror of the buffer.
    pub(crate) mirror: BTreeMap<String, String>,
    /// What the server has acknowledged, beside the mirror.
    pub(crate) archive: BTreeMap<String, String>,
    /// When the last change of the mirror that was asked for will be made.
    pub(crate) mirror_busy_until_ms: u64,
    pub(crate) caches: BTreeMap<UserId, Cache>,
    pub(crate) tabs: Vec<Option<Tab>>,
    /// The tab that holds the sender's lock.
    pub(crate) sender: Option<usize>,
    /// The device's clock is this far off.
    pub(crate) skew_ms: i64,
    /// Whether there is a network.
    pub(crate) online: bool,
}

impl Device {
    /// All of localStorage, as a tab reads it.
    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        self.local_storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// The tabs that are open, each with the device and the place it has there.
pub(crate) fn open_tabs(devices: &[Device]) -> impl Iterator<Item = (usize, usize, &Core)> {
    devices.iter().enumerate().flat_map(|(index, device)| {
        let tabs = device.tabs.iter().enumerate();
        tabs.filter_map(move |(tab, it)| it.as_ref().map(|it| (index, tab, &it.client)))
    })
}
