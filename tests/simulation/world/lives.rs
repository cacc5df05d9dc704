//! How tabs begin and end, and which of a profile sends.

use wizitime::app::Core;
use wizitime::app::input::{CacheSnapshot, EmbedConfig, Input, StartupData};
use wizitime_domain::{DeviceId, FixedOffset, IdSource, UserId, WriterId};

use super::{Happening, Place, World};
use crate::device::Tab;
use crate::faults::Fault;

/// What localStorage was given is on disk after this, at the latest.
const FLUSH_MS_MAX: u64 = 60_000;

impl World {
    /// Opens a tab on what the device's disk holds.
    pub(super) fn open(&mut self, place: Place) {
        let (device, tab) = place;
        if self.devices[device].tabs[tab].is_some() {
            return;
        }
        let until_ms = self.devices[device].asleep_until_ms;
        if until_ms > self.now_ms {
            return self.schedule(until_ms - self.now_ms, Happening::Open { place });
        }
        if self.strikes(Fault::Poison) {
            self.plant_poison(device);
        }
        self.last_life += 1;
        let now = self.now(device);
        let seed = [self.rng.next_u64(), self.rng.next_u64(), self.last_life, 7];
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes(self.rng.uuid_v7(now.wall)),
            writer_id: WriterId::from_bytes(self.rng.uuid_v7(now.wall)),
            zone: self.devices[device].zone(),
            embed: self.hosting(device),
            stored: self.stored(device),
        };
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = Core::start(startup, IdSource::new(seed), zone, now);
        let life = self.last_life;
        self.trace.note(self.now_ms, || format!("{place:?} opens"));
        self.devices[device].tabs[tab] = Some(Tab::new(client, life));
        self.perform(place, life, effects);
        self.pass_the_lock(device);
    }

    /// What the page around the app says. It has a token that is good, whenever it is loaded.
    fn hosting(&mut self, device: usize) -> EmbedConfig {
        if !self.devices[device].hosted {
            return EmbedConfig::default();
        }
        let account = self.account();
        EmbedConfig { user_token: Some(account.token), user_channel: Some(account.channel) }
    }

    /// Ends a tab's life, at whatever it was doing.
    pub(super) fn kill(&mut self, place: Place) {
        let (device, tab) = place;
        if let Some(dead) = self.devices[device].tabs[tab].take() {
            self.trace.note(self.now_ms, || format!("{place:?} dies"));
            if let Some((_, link)) = dead.conn {
                self.server.sessions.remove(&link);
            }
            if self.devices[device].sender == Some(tab) {
                self.devices[device].sender = None;
            }
            self.pass_the_lock(device);
            let (log, user_id) = (&self.server.log, self.user_id);
            self.recorded.forget_refused(&self.devices, log, user_id);
            let after_ms = self.rng.below(20_000);
            self.schedule(after_ms, Happening::Open { place });
        }
    }

    /// Kills the whole browser: what localStorage was given last is not on disk, and what the
    /// mirror was about to write never will be.
    pub(super) fn crash_browser(&mut self, device: usize) {
        self.trace.note(self.now_ms, || format!("the browser of device {device} is killed"));
        for tab in 0..self.devices[device].tabs.len() {
            self.kill((device, tab));
        }
        let it = &mut self.devices[device];
        it.unflushed.retain(|(at_ms, _, _)| at_ms + FLUSH_MS_MAX > self.now_ms);
        let kept = self.rng.below(it.unflushed.len() as u64 + 1) as usize;
        for (_, key, before) in it.unflushed.drain(..).skip(kept).rev() {
            match before {
                Some(value) => it.local_storage.insert(key, value),
                None => it.local_storage.remove(&key),
            };
        }
        it.mirror_busy_until_ms = self.now_ms;
        // The screen never said that these were saved.
        let (log, user_id) = (&self.server.log, self.user_id);
        self.recorded.forget_unsaved(&self.devices, log, user_id);
    }

    /// The lock of the sending tab goes to one that is open.
    fn pass_the_lock(&mut self, device: usize) {
        if self.devices[device].sender.is_some() {
            return;
        }
        let heir = self.devices[device].tabs.iter().position(Option::is_some);
        self.devices[device].sender = heir;
        if let Some(tab) = heir {
            let stored = self.stored(device);
            self.input((device, tab), 1, Input::BecameLeader { stored });
        }
    }

    pub(super) fn stored(&self, device: usize) -> Vec<(String, String)> {
        let stored = &self.devices[device].local_storage;
        stored.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Lets a tab have an input a little later.
    pub(super) fn input(&mut self, place: Place, after_ms: u64, input: Input) {
        if let Some(tab) = &self.devices[place.0].tabs[place.1] {
            let life = tab.life;
            self.schedule(after_ms, Happening::Input { place, life, input: Box::new(input) });
        }
    }

    pub(super) fn cache(&self, device: usize, user_id: UserId) -> Option<CacheSnapshot> {
        self.devices[device].caches.get(&user_id)?.snapshot()
    }
}
