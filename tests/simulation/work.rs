//! What users do in their tabs.

use wizitime::app::Input;
use wizitime::features::{EntryIntent, Intent};
use wizitime::store::UndoKind;
use wizitime::store::slices::notices::Notice;
use wizitime_domain::UndoStep;
use wizitime_testkit::{Driver as _, TabId, invariants, sign_in_intent, user};

use crate::simulation::World;

/// Which of the deletions are undone at once.
const UNDO_ONE_IN: u64 = 3;

/// The user of a device does something in one of its tabs.
pub(crate) fn act(world: &mut World, device: usize) {
    let tabs = world.devices[device].tabs.len() as u64;
    let tab = TabId::new(device, world.driver.rng.below(tabs) as usize);
    let Some(open) = &world.devices[device].tabs[tab.tab] else { return };
    if open.frozen_until_ms > world.now_ms {
        return;
    }
    let life = open.life;
    let now = open.core.server_time(world.moment(device).wall);
    let history = &world.devices[device].history;
    if let Some((step, kind)) = user::revert(history, &mut world.driver.rng) {
        return revert(world, tab, life, step, kind);
    }
    let intent = user::intent(&open.core, now, &mut world.driver.rng);
    let deleted = if let Intent::Entry(EntryIntent::Delete { entry_id }) = &intent {
        open.core.state().ledger.shown().entry(*entry_id).cloned()
    } else {
        None
    };
    world.driver.trace(world.now_ms, || format!("{tab} {intent:?}"));
    world.feed(tab, life, Input::User(intent));
    let Some(entry) = deleted.filter(|_| world.driver.rng.below(UNDO_ONE_IN) == 0) else { return };
    let restore = Intent::Entry(EntryIntent::Restore { entry_id: entry.id });
    world.feed(tab, life, Input::User(restore));
    let open = world.tab(tab, life);
    if let Some(Err(violation)) = open.map(|it| invariants::undo_restores(&entry, &it.core)) {
        world.violate(violation);
    }
}

/// The user undoes the latest act of the device, or does it again.
fn revert(world: &mut World, tab: TabId, life: u64, step: UndoStep, kind: UndoKind) {
    let is_redo = kind == UndoKind::Redo;
    let intent = Intent::Entry(EntryIntent::Revert { step: Box::new(step), kind });
    world.driver.trace(world.now_ms, || format!("{tab} {intent:?}"));
    let count = world.devices[tab.device].acts.count(is_redo);
    let Some(open) = world.tab(tab, life) else { return };
    let before = open.core.state().ledger.shown().clone();
    world.feed(tab, life, Input::User(intent));
    let Some(open) = world.tab(tab, life) else { return };
    let state = open.core.state();
    if let Some(Notice::Refused(refusal)) = &state.notices.current {
        // The tab may also have read what other tabs stored, before or after it refused.
        let (refusal, shown) = (refusal.clone(), [before, state.ledger.shown().clone()]);
        let device = &mut world.devices[tab.device];
        device.history.forget(is_redo);
        if let Err(violation) = device.acts.refuse(is_redo, &refusal, &shown) {
            world.violate(violation);
        }
    } else if world.devices[tab.device].acts.count(is_redo) >= count {
        world.violate(format!("P11: {tab} reverts nothing, and does not say why"));
    }
}

/// The user signs in, if the device is signed out; the other tabs have to follow.
pub(crate) fn sign_in(world: &mut World, device: usize) {
    let tabs = world.devices[device].open_tabs();
    let signed_out = tabs.filter(|(_, it)| it.core.state().session.active().is_none());
    if let Some((tab, _)) = signed_out.min_by_key(|(_, it)| it.frozen_until_ms) {
        let intent = sign_in_intent(user::EMAIL, user::PASSWORD);
        world.input(TabId::new(device, tab), 10, Input::User(intent));
    }
}
