//! What a seed makes of its world: who is there, when people work, and when things go wrong.
//!
//! Most worlds are small, because most bugs are, and small worlds are many; some are as large as a
//! person's life with the app gets. People work for some minutes a day, in bursts; in the evening
//! their devices go to sleep or are switched off.

use wizitime::sync::StorageKey;

use super::mischief::Mischief;
use super::{FOR_GOOD_MS, Happening, World};
use crate::device::Device;
use crate::faults::Fault;

/// How many devices there are, drawn from these.
const DEVICES: [usize; 10] = [2, 2, 2, 2, 2, 2, 3, 3, 4, 5];
/// How many tabs a device has.
const TABS: [usize; 10] = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4];
/// How many days pass.
const DAYS: [u64; 6] = [1, 1, 1, 1, 2, 3];
/// About how much is done at each device in a day, in bursts.
const BURSTS_MAX: [u64; 5] = [1, 2, 2, 3, 12];

/// How many of the devices have the app in somebody's page.
const HOSTED_ONE_IN: u64 = 2;

const DAY_MS: u64 = 24 * 3_600_000;
/// How long people work each day.
const WORK_MS: u64 = 5 * 60_000;
/// How long a burst takes to begin anew, and the pause within it, at most.
const PAUSE_MS_MAX: u64 = 6_000;
/// How much a person does in one burst, at most.
const BURST_MAX: u64 = 10;
/// Troubles come together: half of them in one moment of so long.
const BAD_MS: u64 = 20_000;
/// How soon something follows when localStorage was cleared.
const CLEARED_MS: u64 = 3_000;
/// All devices are asleep by then.
const EVENING_MS: u64 = 30_000;
/// The last minute brings no new ones: who was signed out by then has noticed when the faults end.
const LAST_MS: u64 = 60_000;
/// The longest that a tab is frozen and goes on.
const FREEZE_MS_MAX: u64 = 3 * 60_000;

impl World {
    pub(super) fn populate(&mut self) {
        let days = self.draw(&DAYS);
        self.trouble_ms = (days - 1) * DAY_MS + WORK_MS;
        self.bad_ms = self.rng.below(days) * DAY_MS + self.rng.below(WORK_MS - BAD_MS);
        let devices = self.draw(&DEVICES);
        for device in 0..devices {
            self.arrive(device);
            for day in 0..days {
                self.work(device, day);
                if day + 1 < days {
                    let at_ms = day * DAY_MS + WORK_MS + self.rng.below(EVENING_MS);
                    let until_ms = (day + 1) * DAY_MS + self.rng.below(EVENING_MS);
                    self.schedule(at_ms, Happening::Evening { device, until_ms });
                }
            }
            for _ in 0..self.rng.below(4) {
                let at_ms = self.moment(days);
                self.schedule(at_ms, Happening::Network { device, online: false });
            }
        }
        for device in 0..devices {
            for (fault, what) in Mischief::ALL {
                if self.strikes(fault) {
                    let at_ms = self.moment(days).min(self.trouble_ms - LAST_MS);
                    self.schedule(at_ms, Happening::Mischief { device, what });
                    self.follow(device, what, at_ms);
                }
            }
        }
        for device in 0..devices {
            self.disturb_tabs(device, days);
        }
        if self.strikes(Fault::Restore) {
            let (a, b) = (self.moment(days), self.moment(days));
            self.schedule(a.min(b), Happening::Backup);
            self.schedule(a.max(b), Happening::Restore);
        }
        self.server.speaks_newer = self.strikes(Fault::NewerServer);
        self.server.speaks_older = self.strikes(Fault::OlderServer);
    }

    /// A device with its tabs, which open one after the other.
    fn arrive(&mut self, device: usize) {
        let tabs = self.draw(&TABS);
        let hosted = self.rng.below(HOSTED_ONE_IN) == 0;
        let skew_ms = self.rng.below(240_000) as i64 - 120_000;
        self.devices.push(Device {
            tabs: (0..tabs).map(|_| None).collect(),
            skew_ms,
            waits_stop_asleep: self.rng.below(2) == 0,
            online: true,
            hosted,
            ..Device::default()
        });
        // Some begin as guests and sign in later.
        if !hosted && self.rng.below(4) > 0 {
            let account = wizitime_domain::json::to_string(&self.account());
            self.devices[device].local_storage.insert(StorageKey::Session.write(), account);
        }
        for tab in 0..tabs {
            let after_ms = self.rng.below(2_000);
            self.schedule(after_ms, Happening::Open { place: (device, tab) });
        }
    }

    /// What a person does at a device on one day.
    fn work(&mut self, device: usize, day: u64) {
        let bursts = self.draw(&BURSTS_MAX);
        for _ in 0..1 + self.rng.below(bursts) {
            let mut at_ms = day * DAY_MS + 2_000 + self.rng.below(WORK_MS - 2_000);
            if self.rng.below(3) == 0 && self.bad_ms / DAY_MS == day {
                at_ms = self.bad_ms + self.rng.below(BAD_MS);
            }
            for _ in 0..1 + self.rng.below(BURST_MAX) {
                self.schedule(at_ms, Happening::Act { device });
                at_ms += 1 + self.rng.below(PAUSE_MS_MAX);
            }
        }
    }

    /// What comes along with something that happens to a device.
    fn follow(&mut self, device: usize, what: Mischief, at_ms: u64) {
        if matches!(what, Mischief::PowerCut) {
            self.cut_router(device, at_ms);
        }
        // Who has storage cleared often ends the browser as well, in the middle of work.
        if matches!(what, Mischief::Clear) && self.rng.below(2) == 0 {
            let before_ms = at_ms.saturating_sub(1 + self.rng.below(CLEARED_MS));
            let after_ms = at_ms + self.rng.below(CLEARED_MS);
            let end_ms = after_ms + 1 + self.rng.below(CLEARED_MS);
            self.schedule(before_ms, Happening::Act { device });
            self.schedule(after_ms, Happening::Act { device });
            self.schedule(end_ms, Happening::Mischief { device, what: Mischief::PowerCut });
            self.cut_router(device, at_ms);
        }
    }

    /// With the power goes the network; it may be gone before and is back soon.
    fn cut_router(&mut self, device: usize, at_ms: u64) {
        let off_ms = at_ms.saturating_sub(self.rng.below(BAD_MS));
        let on_ms = at_ms + self.rng.below(BAD_MS / 4);
        self.schedule(off_ms, Happening::Network { device, online: false });
        self.schedule(on_ms, Happening::Network { device, online: true });
    }

    fn disturb_tabs(&mut self, device: usize, days: u64) {
        let tabs = self.devices[device].tabs.len();
        for tab in 0..tabs {
            let place = (device, tab);
            for _ in 0..self.rng.below(2) {
                let at_ms = self.moment(days);
                self.schedule(at_ms, Happening::Kill { place });
            }
            if self.strikes(Fault::Freeze) {
                let at_ms = self.moment(days);
                // One tab of several may never go on; the others must do without it.
                let for_good = tab == 0 && tabs > 1 && self.rng.below(3) == 0;
                let for_ms = if for_good { FOR_GOOD_MS } else { self.rng.below(FREEZE_MS_MAX) };
                self.schedule(at_ms, Happening::Freeze { place, for_ms });
            }
        }
    }

    /// Some moment while people work, often that bad one.
    fn moment(&mut self, days: u64) -> u64 {
        if self.rng.below(2) == 0 {
            return self.bad_ms + self.rng.below(BAD_MS);
        }
        self.rng.below(days) * DAY_MS + self.rng.below(WORK_MS)
    }

    fn draw<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.below(from.len() as u64) as usize]
    }
}
