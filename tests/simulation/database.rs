//! What goes wrong with IndexedDB.

use wizitime_testkit::{DatabaseRequest, Latency, TabId};

use crate::faults::Fault;
use crate::simulation::{Simulation, World};

/// How far IndexedDB falls behind its requests, in milliseconds.
const BEHIND_MS_MAX: u64 = 10_000;
/// How long a slow request takes, in milliseconds. Sending waits three seconds for the durable
/// copy to be read.
const SLOW_WRITE_MS_MAX: u64 = 4_000;
const SLOW_READ_MS_MAX: u64 = 2_900;

/// Chooses how IndexedDB treats a tab all its life.
pub(crate) fn choose_mode(driver: &mut Simulation, life: u64) {
    if driver.occurs(Fault::SilentDatabase) {
        driver.silent.insert(life);
    }
    if driver.occurs(Fault::BlockedDatabase) {
        driver.blocked.insert(life);
    }
}

/// How IndexedDB treats a request.
pub(crate) fn latency(world: &mut World, tab: TabId, request: &DatabaseRequest) -> Latency {
    let life = world.devices[tab.device].tabs[tab.tab].as_ref().map_or(0, |open| open.life);
    let is_behind = world.devices[tab.device].database_busy_until_ms > world.now_ms + BEHIND_MS_MAX;
    let driver = &mut world.driver;
    let has_ended = driver.have_faults_ended;
    if !has_ended && driver.silent.contains(&life) {
        let is_executed = !request.is_read() && driver.rng.below(2) == 0;
        return if is_executed { Latency::NoReply { execute_ms: 1 } } else { Latency::Silent };
    }
    if !has_ended && driver.blocked.contains(&life) || driver.occurs(Fault::FailedRequest) {
        return Latency::Refused { after_ms: 1 + driver.rng.below(20) };
    }
    if driver.occurs(Fault::HangingRequest) {
        return Latency::Silent;
    }
    if driver.occurs(Fault::LostReply) {
        return Latency::NoReply { execute_ms: 1 };
    }
    if matches!(request, DatabaseRequest::WriteCache(_)) && driver.occurs(Fault::CacheLost) {
        return Latency::Silent;
    }
    // However slow it is, it does not fall behind for ever.
    let is_slow = !is_behind && driver.occurs(Fault::SlowDatabase);
    if request.is_read() {
        let reply_ms = 1 + driver.rng.below(if is_slow { SLOW_READ_MS_MAX } else { 20 });
        Latency::After { execute_ms: 0, reply_ms }
    } else {
        let execute_ms = 1 + driver.rng.below(if is_slow { SLOW_WRITE_MS_MAX } else { 10 });
        Latency::After { execute_ms, reply_ms: 0 }
    }
}
