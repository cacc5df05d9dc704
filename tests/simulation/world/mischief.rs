//! What else happens to a device: its storage, its clock, its token, its identity.

use wizitime::app::input::{Input, PageEvent};

use super::World;
use crate::device::ZONES;
use crate::faults::Fault;

/// The farthest that a clock is set forth or back.
const CLOCK_JUMP_MS_MAX: u64 = 48 * 3_600_000;

/// The longest that a device sleeps while people work.
const SLEEP_MS_MAX: u64 = 4 * 60_000;

/// One such happening.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mischief {
    /// localStorage is cleared. What waits is still in the tabs and in the mirror.
    Clear,
    /// The clock is set.
    ClockJump,
    /// The browser is killed.
    PowerCut,
    /// The server takes the token no longer.
    Revoke,
    /// The profile is copied onto the next device.
    Copy,
    /// The device sleeps.
    Sleep,
    /// The device comes to another zone.
    Zone,
    /// A newer version of the app ran here for a moment.
    NewerApp,
}

impl Mischief {
    /// All of them, and the faults that bring them about.
    pub(crate) const ALL: [(Fault, Self); 8] = [
        (Fault::Clear, Self::Clear),
        (Fault::ClockJump, Self::ClockJump),
        (Fault::PowerCut, Self::PowerCut),
        (Fault::Revoke, Self::Revoke),
        (Fault::Copy, Self::Copy),
        (Fault::Sleep, Self::Sleep),
        (Fault::Zone, Self::Zone),
        (Fault::NewerApp, Self::NewerApp),
    ];
}

impl World {
    pub(super) fn mischief(&mut self, device: usize, what: Mischief) {
        if self.calm {
            return;
        }
        self.trace.note(self.now_ms, || format!("device {device}: {what:?}"));
        match what {
            Mischief::Clear => {
                let it = &mut self.devices[device];
                it.local_storage.clear();
                it.unflushed.clear();
                // What no mirror has yet was never called saved.
                let (log, user_id) = (&self.server.log, self.user_id);
                self.recorded.forget_unsaved(&self.devices, log, user_id);
            }
            Mischief::ClockJump => {
                let jump_ms = self.rng.below(2 * CLOCK_JUMP_MS_MAX) as i64;
                self.devices[device].skew_ms += jump_ms - CLOCK_JUMP_MS_MAX as i64;
            }
            Mischief::PowerCut => self.crash_browser(device),
            // A page that hosts the app would be loaded anew.
            Mischief::Revoke if self.devices[device].hosted => (),
            Mischief::Revoke => {
                for tab in 0..self.devices[device].tabs.len() {
                    let open = self.devices[device].tabs[tab].as_ref();
                    let account = open.and_then(|it| it.client.state().session.account());
                    self.server.revoked.extend(account.map(|it| it.token.clone()));
                    self.cut((device, tab));
                }
            }
            Mischief::Copy => self.copy_profile(device),
            Mischief::Sleep => {
                let for_ms = self.rng.below(SLEEP_MS_MAX);
                self.sleep(device, self.now_ms + for_ms);
            }
            Mischief::Zone => {
                let zone = self.rng.below(ZONES.len() as u64) as usize;
                self.devices[device].zone = zone;
                for tab in 0..self.devices[device].tabs.len() {
                    let zone = self.devices[device].zone();
                    self.input((device, tab), 1, Input::ZoneChanged { zone });
                }
            }
            Mischief::NewerApp => self.plant_newer(device),
        }
    }

    /// In the evening a device sleeps, or its tabs are closed.
    pub(super) fn evening(&mut self, device: usize, until_ms: u64) {
        if self.strikes(Fault::Sleep) {
            return self.sleep(device, until_ms);
        }
        self.devices[device].asleep_until_ms = until_ms;
        for tab in 0..self.devices[device].tabs.len() {
            self.kill((device, tab));
        }
    }

    /// Nothing happens on the device until then; its links die meanwhile.
    fn sleep(&mut self, device: usize, until_ms: u64) {
        let until_ms = until_ms.min(self.trouble_ms);
        let it = &mut self.devices[device];
        if it.asleep_until_ms >= until_ms {
            return;
        }
        if it.waits_stop_asleep {
            it.slept_ms += until_ms - it.asleep_until_ms.max(self.now_ms);
        }
        it.asleep_until_ms = until_ms;
        for tab in it.tabs.iter_mut().flatten() {
            tab.frozen_until_ms = tab.frozen_until_ms.max(until_ms);
        }
        for tab in 0..self.devices[device].tabs.len() {
            self.cut((device, tab));
            if self.rng.below(2) == 0 {
                self.input((device, tab), 0, Input::Page(PageEvent::Visible));
            }
        }
    }

    /// Leaves an event in storage that only a newer version understands.
    fn plant_newer(&mut self, device: usize) {
        let (id, key, text) = self.impossible_event();
        let text = text.replace("\"v\":1", "\"v\":2");
        let it = &mut self.devices[device];
        it.newer.push(id.to_string());
        it.local_storage.insert(key.clone(), text.clone());
        it.mirror.insert(key, text);
    }

    /// Both devices are the same to the server from here on, and both send what waits.
    fn copy_profile(&mut self, from: usize) {
        let to = (from + 1) % self.devices.len();
        for tab in 0..self.devices[to].tabs.len() {
            self.kill((to, tab));
        }
        let copied: Vec<_> = self.devices[from].local_storage.clone().into_iter().collect();
        let mirror = self.devices[from].mirror.clone();
        let it = &mut self.devices[to];
        it.mirror.extend(mirror);
        it.local_storage.extend(copied);
        it.unflushed.clear();
        let newer = self.devices[from].newer.clone();
        self.devices[to].newer.extend(newer);
        for device in [from, to] {
            self.devices[device].is_copied = true;
        }
    }
}
