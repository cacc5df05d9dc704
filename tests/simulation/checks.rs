//! When the invariants are checked.

use wizitime_hub::Head;
use wizitime_testkit::{TabId, invariants};

use crate::simulation::{World, observe};

/// Compares the confirmed data of a tab with the server's commits, if it is at a new position.
pub(crate) fn compare_confirmed(world: &mut World, tab: TabId, life: u64) {
    let Some(open) = world.tab(tab, life) else { return };
    let ledger = &open.core.state().ledger;
    let position = ledger.epoch().map(|epoch| (epoch, ledger.cursor()));
    if position.is_none() || position == open.compared {
        return;
    }
    open.compared = position;
    let open = world.devices[tab.device].tabs[tab.tab].as_ref();
    let server = &world.driver.server;
    let check = open.map(|open| invariants::confirmed_is_a_commit(&open.core, server));
    if let Some(Err(violation)) = check {
        world.violate(violation);
    }
}

/// A tab was killed: events that no storage had taken are lost.
pub(crate) fn forget_refused(world: &mut World) {
    if !world.history.refused.is_empty() {
        let mut history = std::mem::take(&mut world.history);
        history.forget_refused(&observe(world));
        world.history = history;
    }
}

/// A store was lost: events that were never shown as saved may be lost.
pub(crate) fn forget_unsaved(world: &mut World) {
    let mut history = std::mem::take(&mut world.history);
    history.forget_unsaved(&observe(world));
    world.history = history;
}

/// The server lost events: those that were never on a device's disk are lost.
pub(crate) fn forget_without_copy(world: &mut World) {
    let mut history = std::mem::take(&mut world.history);
    history.forget_without_copy(&observe(world));
    world.history = history;
}

/// Whether nothing is left to do.
pub(crate) fn is_quiet(world: &World) -> bool {
    let head: Head = world.driver.server.log.head(world.driver.user_id);
    world.running_tabs().all(|(_, tab)| invariants::is_quiet(&tab.core, head))
        && invariants::everything_arrived(&world.history, &observe(world)).is_ok()
}

/// The invariants for the end of a run.
pub(crate) fn check_end(world: &World, quiet_ms_max: u64) -> Result<(), String> {
    let driver = &world.driver;
    let (log, user_id, history) = (&driver.server.log, driver.user_id, &world.history);
    let observed = observe(world);
    invariants::nothing_is_nowhere(history, &observed)?;
    invariants::log_is_sound(log, user_id)?;
    invariants::order_is_kept(history, log, user_id)?;
    invariants::everything_arrived(history, &observed)?;
    invariants::discarded_events_stay_away(history, &observed)?;
    let is_copied = driver.has_copied_profile;
    invariants::only_rejected_events_are_quarantined(
        history,
        &observed,
        &driver.server,
        is_copied,
    )?;
    if !is_quiet(world) {
        let cursor = log.head(user_id).cursor;
        let tabs = invariants::describe_tabs(observed.tabs);
        return Err(format!(
            "P8: not quiet {quiet_ms_max} ms after the faults ended: the log ends at {cursor}; \
             {tabs}"
        ));
    }
    invariants::all_tabs_show(&log.ledger(user_id), observed.tabs)?;
    for (device, traits) in world.devices.iter().zip(&driver.devices) {
        invariants::newer_events_are_kept(&traits.newer, &device.profile)?;
    }
    Ok(())
}
