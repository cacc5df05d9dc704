//! The plan of a seed: which devices there are, when users work, and when faults occur.
//!
//! Most runs are small, because most bugs need little and small runs are fast; some are as large as
//! real use gets. Users work for some minutes a day, in bursts; in the evening their devices sleep
//! or are switched off.

use wizitime::sync::StorageKey;
use wizitime_testkit::{Device, FOREVER_MS, TabId, session_text};

use crate::device_faults::RareFault;
use crate::faults::Fault;
use crate::simulation::{DeviceTraits, Event, World};

/// How many devices there are, drawn from these.
const DEVICES: [usize; 10] = [2, 2, 2, 2, 2, 2, 3, 3, 4, 5];
/// How many tabs a device has.
const TABS: [usize; 10] = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4];
/// How many days pass.
const DAYS: [u64; 6] = [1, 1, 1, 1, 2, 3];
/// How many bursts of work a device has in a day, at most.
const BURSTS_MAX: [u64; 5] = [1, 2, 2, 3, 12];

/// How many of the devices have the app embedded in a page.
const EMBEDDED_ONE_IN: u64 = 2;

const DAY_MS: u64 = 24 * 3_600_000;
/// How long users work each day.
const WORK_MS: u64 = 5 * 60_000;
/// The pause within a burst, at most.
const PAUSE_MS_MAX: u64 = 6_000;
/// How many intents a burst has, at most.
const INTENTS_MAX: u64 = 10;
/// Half of the faults occur together, within this time.
const FAULT_BURST_MS: u64 = 20_000;
/// How soon something follows when localStorage was cleared.
const CLEARED_MS: u64 = 3_000;
/// All devices are asleep by then.
const EVENING_MS: u64 = 30_000;
/// No rare faults in the last minute: a device that was signed out has noticed when the faults end.
const LAST_MS: u64 = 60_000;
/// The longest that a tab is frozen and continues.
const FREEZE_MS_MAX: u64 = 3 * 60_000;

/// Schedules everything that a seed plans.
pub(crate) fn populate(world: &mut World) {
    let days = draw(world, &DAYS);
    world.driver.faults_end_ms = (days - 1) * DAY_MS + WORK_MS;
    let day_ms = below(world, days) * DAY_MS;
    world.driver.burst_ms = day_ms + below(world, WORK_MS - FAULT_BURST_MS);
    let devices = draw(world, &DEVICES);
    for device in 0..devices {
        add_device(world, device);
        for day in 0..days {
            work(world, device, day);
            if day + 1 < days {
                let at_ms = day * DAY_MS + WORK_MS + below(world, EVENING_MS);
                let until_ms = (day + 1) * DAY_MS + below(world, EVENING_MS);
                world.schedule(at_ms, Event::Evening { device, until_ms });
            }
        }
        for _ in 0..below(world, 4) {
            let at_ms = fault_time(world, days);
            world.schedule(at_ms, Event::Network { device, is_online: false });
        }
    }
    let end_ms = world.driver.faults_end_ms;
    for device in 0..devices {
        for (kind, fault) in RareFault::ALL {
            if world.driver.occurs(kind) {
                let at_ms = fault_time(world, days).min(end_ms - LAST_MS);
                world.schedule(at_ms, Event::RareFault { device, fault });
                accompany(world, device, fault, at_ms);
            }
        }
    }
    for device in 0..devices {
        disturb_tabs(world, device, days);
    }
    if world.driver.occurs(Fault::Restore) {
        let (a, b) = (fault_time(world, days), fault_time(world, days));
        world.schedule(a.min(b), Event::Backup);
        world.schedule(a.max(b), Event::Restore);
    }
    world.driver.server.speaks_newer = world.driver.occurs(Fault::NewerServer);
    world.driver.server.speaks_older = world.driver.occurs(Fault::OlderServer);
}

/// A device whose tabs are opened one after the other.
fn add_device(world: &mut World, index: usize) {
    let tabs = draw(world, &TABS);
    let mut device = Device::new(tabs);
    device.skew_ms = below(world, 240_000) as i64 - 120_000;
    let traits = DeviceTraits {
        timers_stop_asleep: below(world, 2) == 0,
        is_embedded: below(world, EMBEDDED_ONE_IN) == 0,
        ..DeviceTraits::default()
    };
    // Some users begin as guests and sign in later.
    if !traits.is_embedded && below(world, 4) > 0 {
        let session = session_text(&world.driver.new_session());
        device.profile.local_storage.insert(StorageKey::Session.write(), session);
    }
    world.devices.push(device);
    world.driver.devices.push(traits);
    for tab in 0..tabs {
        let after_ms = below(world, 2_000);
        world.schedule(after_ms, Event::Open { tab: TabId::new(index, tab) });
    }
}

/// What the user does at a device on one day.
fn work(world: &mut World, device: usize, day: u64) {
    let bursts = draw(world, &BURSTS_MAX);
    for _ in 0..1 + below(world, bursts) {
        let mut at_ms = day * DAY_MS + 2_000 + below(world, WORK_MS - 2_000);
        if below(world, 3) == 0 && world.driver.burst_ms / DAY_MS == day {
            at_ms = world.driver.burst_ms + below(world, FAULT_BURST_MS);
        }
        for _ in 0..1 + below(world, INTENTS_MAX) {
            world.schedule(at_ms, Event::Act { device });
            at_ms += 1 + below(world, PAUSE_MS_MAX);
        }
    }
}

/// Schedules what comes along with a rare fault.
fn accompany(world: &mut World, device: usize, fault: RareFault, at_ms: u64) {
    if matches!(fault, RareFault::PowerCut) {
        cut_router(world, device, at_ms);
    }
    // A user who clears storage often ends the browser as well, in the middle of work.
    if matches!(fault, RareFault::Clear) && below(world, 2) == 0 {
        let before_ms = at_ms.saturating_sub(1 + below(world, CLEARED_MS));
        let after_ms = at_ms + below(world, CLEARED_MS);
        let end_ms = after_ms + 1 + below(world, CLEARED_MS);
        world.schedule(before_ms, Event::Act { device });
        world.schedule(after_ms, Event::Act { device });
        world.schedule(end_ms, Event::RareFault { device, fault: RareFault::PowerCut });
        cut_router(world, device, at_ms);
    }
}

/// Without power there is no network; it may be gone before and is back soon.
fn cut_router(world: &mut World, device: usize, at_ms: u64) {
    let off_ms = at_ms.saturating_sub(below(world, FAULT_BURST_MS));
    let on_ms = at_ms + below(world, FAULT_BURST_MS / 4);
    world.schedule(off_ms, Event::Network { device, is_online: false });
    world.schedule(on_ms, Event::Network { device, is_online: true });
}

fn disturb_tabs(world: &mut World, device: usize, days: u64) {
    let tabs = world.devices[device].tabs.len();
    for tab in (0..tabs).map(|tab| TabId::new(device, tab)) {
        for _ in 0..below(world, 2) {
            let at_ms = fault_time(world, days);
            world.schedule(at_ms, Event::Kill { tab });
        }
        if world.driver.occurs(Fault::Freeze) {
            let at_ms = fault_time(world, days);
            // One tab of several may never continue; the others must do without it.
            let is_for_good = tab.tab == 0 && tabs > 1 && below(world, 3) == 0;
            let for_ms = if is_for_good { FOREVER_MS } else { below(world, FREEZE_MS_MAX) };
            world.schedule(at_ms, Event::Freeze { tab, for_ms });
        }
    }
}

/// Some time while users work, often in the burst of faults.
fn fault_time(world: &mut World, days: u64) -> u64 {
    if below(world, 2) == 0 {
        return world.driver.burst_ms + below(world, FAULT_BURST_MS);
    }
    below(world, days) * DAY_MS + below(world, WORK_MS)
}

fn below(world: &mut World, bound: u64) -> u64 {
    world.driver.rng.below(bound)
}

fn draw<T: Copy>(world: &mut World, from: &[T]) -> T {
    from[below(world, from.len() as u64) as usize]
}
