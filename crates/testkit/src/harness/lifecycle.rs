//! How tabs are opened and killed, how a browser crashes, and who holds the leader lock.

use wizitime::app::input::{EmbedConfig, StartupData};
use wizitime::app::{Core, Input};
use wizitime_domain::{DeviceId, FixedOffset, IdSource, WriterId};

use super::{Harness, Target};
use crate::device::{Tab, TabId};
use crate::driver::Driver;

/// When a change of localStorage is on disk, at the latest.
const FLUSH_MS_MAX: u64 = 60_000;

impl<D: Driver> Harness<D> {
    /// Opens a closed tab on the stores of its profile. `ids` gives the tab its ids and its seed.
    pub fn open(&mut self, tab: TabId, ids: &mut IdSource, embed: EmbedConfig) -> Target {
        let now = self.moment(tab.device);
        self.last_life += 1;
        let life = self.last_life;
        let seed = [ids.next_u64(), ids.next_u64(), life, 7];
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes(ids.uuid_v7(now.wall)),
            writer_id: WriterId::from_bytes(ids.uuid_v7(now.wall)),
            zone: self.devices[tab.device].zone.clone(),
            embed,
            stored: self.devices[tab.device].profile.stored(),
        };
        let zone = Box::new(FixedOffset::default());
        let (core, effects) = Core::start(startup, IdSource::new(seed), zone, now);
        self.driver.trace(self.now_ms, || format!("{tab} is opened"));
        self.devices[tab.device].tabs[tab.tab] = Some(Tab {
            core,
            life,
            wake_ms: None,
            timer_ms: None,
            link: None,
            frozen_until_ms: 0,
            compared: None,
        });
        let target = Target { tab, life };
        self.perform(target, effects);
        self.grant_lock(tab.device);
        target
    }

    /// Ends the life of a tab, whatever it is doing.
    pub fn kill(&mut self, tab: TabId) {
        let TabId { device, tab: place } = tab;
        let Some(killed) = self.devices[device].tabs[place].take() else { return };
        self.driver.trace(self.now_ms, || format!("{tab} is killed"));
        let leader = &mut self.devices[device].leader;
        leader.take_if(|leader| *leader == place);
        self.grant_lock(device);
        D::tab_killed(self, tab, killed.link);
    }

    /// Kills all tabs of a device at once; requests to IndexedDB that were not executed are lost.
    /// Returns how many changes of localStorage may not be on disk.
    pub fn kill_browser(&mut self, device: usize) -> usize {
        self.driver.trace(self.now_ms, || format!("the browser of device {device} is killed"));
        for tab in 0..self.devices[device].tabs.len() {
            self.kill(TabId::new(device, tab));
        }
        let now_ms = self.now_ms;
        let it = &mut self.devices[device];
        it.database_busy_until_ms = now_ms;
        it.profile.unflushed.retain(|change| change.at_ms + FLUSH_MS_MAX > now_ms);
        it.profile.unflushed.len()
    }

    /// localStorage loses its latest changes, all but the first `kept` of those not on disk.
    pub fn lose_unflushed(&mut self, device: usize, kept: usize) {
        self.devices[device].profile.crash(kept);
        self.history.recover_from_crash(&self.devices[device].profile);
    }

    /// The life that the next tab will have.
    pub const fn next_life(&self) -> u64 {
        self.last_life + 1
    }

    /// Gives the leader lock to an open tab, if no tab holds it.
    fn grant_lock(&mut self, device: usize) {
        let it = &mut self.devices[device];
        if it.leader.is_some() {
            return;
        }
        it.leader = it.tabs.iter().position(Option::is_some);
        if let Some(tab) = it.leader {
            self.report_lock(TabId::new(device, tab));
        }
    }

    /// A tab takes the lock in spite of the tab that holds it.
    pub(super) fn take_lock(&mut self, tab: TabId) {
        self.driver.trace(self.now_ms, || format!("{tab} takes the leader lock"));
        if let Some(before) = self.devices[tab.device].leader.replace(tab.tab) {
            let before = TabId::new(tab.device, before);
            self.input(before, D::LOCK_DELAY_MS, Input::LostLeadership);
        }
        self.report_lock(tab);
    }

    fn report_lock(&mut self, tab: TabId) {
        let stored = self.devices[tab.device].profile.stored();
        self.input(tab, D::LOCK_DELAY_MS, Input::BecameLeader { stored });
    }
}
