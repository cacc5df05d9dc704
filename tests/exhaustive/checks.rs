//! Checks the invariants in a world. A combination of parts is checked once.

use std::rc::Rc;

use wizitime_testkit::{History, Observed, Profile, TabId, invariants};

use crate::client_state::ClientState;
use crate::fingerprint::Mixer;
use crate::interner::Interner;
use crate::runner::Scope;
use crate::world::World;

/// The parts of a world that checks look at.
struct Parts {
    profiles: Vec<Rc<Profile>>,
    clients: Vec<(TabId, Rc<ClientState>)>,
    server: Rc<wizitime_testkit::FakeServer>,
    history: Rc<History>,
}

impl Parts {
    fn new(interner: &Interner, scope: &Scope, world: &World) -> Self {
        let profiles = world.devices.iter().map(|it| interner.profiles.get(it.profile));
        let clients = (0_u8..).zip(&world.tabs).filter_map(|(index, tab)| {
            let device = scope.device_of(index);
            let id = TabId::new(usize::from(device), usize::from(index % scope.tabs_per_device));
            Some((id, interner.clients.get(tab.client?)))
        });
        Self {
            profiles: profiles.collect(),
            clients: clients.collect(),
            server: interner.servers.get(world.server),
            history: interner.histories.get(world.history),
        }
    }

    fn observed(&self, interner: &Interner) -> Observed<'_> {
        Observed {
            profiles: self.profiles.iter().map(|it| &**it).collect(),
            tabs: self.clients.iter().map(|(tab, it)| (*tab, &it.core)).collect(),
            log: &self.server.log,
            user_id: interner.user_id,
        }
    }
}

/// Lets the history look at a world.
pub(crate) fn observe(
    interner: &Interner,
    scope: &Scope,
    world: &World,
    note: impl FnOnce(&mut History, &Observed<'_>),
) -> History {
    let parts = Parts::new(interner, scope, world);
    let mut history = History::clone(&parts.history);
    note(&mut history, &parts.observed(interner));
    history
}

/// P1, P2, P4, P5 and P6, after the log, a profile or the history has changed.
pub(crate) fn check_stores(
    interner: &mut Interner,
    scope: &Scope,
    world: &World,
) -> Result<(), String> {
    let in_memory = !interner.histories.get(world.history).refused.is_empty();
    let profiles = world.devices.iter().fold(0, |all, it| (all << 32) | u64::from(it.profile));
    let is_new_log = interner.checked.insert((0, world.server, 0, 0));
    let is_new_order = interner.checked.insert((1, world.server, world.history, 0));
    let is_new_store = interner.checked.insert((2, world.server, world.history, profiles));
    if !(is_new_log || is_new_order || is_new_store || in_memory) {
        return Ok(());
    }
    let parts = Parts::new(interner, scope, world);
    let (server, history) = (&parts.server, &parts.history);
    if is_new_log {
        invariants::log_is_sound(&server.log, interner.user_id)?;
    }
    if is_new_order {
        invariants::order_is_kept(history, &server.log, interner.user_id)?;
    }
    invariants::nothing_is_nowhere(history, &parts.observed(interner))
}

/// P3, for every tab.
pub(crate) fn check_clients(interner: &mut Interner, world: &World) -> Result<(), String> {
    for client in world.tabs.iter().filter_map(|tab| tab.client) {
        if interner.checked.insert((3, world.server, client, 0)) {
            let server = interner.servers.get(world.server);
            invariants::confirmed_is_a_commit(&interner.clients.get(client).core, &server)?;
        }
    }
    Ok(())
}

/// Whether the invariants for the end hold already.
pub(crate) fn is_the_end(interner: &mut Interner, scope: &Scope, world: &World) -> bool {
    let mut mixer = Mixer::new();
    mixer.row(&[world.server, world.history]);
    mixer.row(&world.tabs.iter().filter_map(|tab| tab.client).collect::<Vec<_>>());
    let key = mixer.finish();
    if let Some(known) = interner.ends.get(&key) {
        return *known;
    }
    let is_the_end = check_end(interner, scope, world).is_ok();
    interner.ends.insert(key, is_the_end);
    is_the_end
}

/// Whether the log has everything that was ever recorded, so that it will never grow again.
pub(crate) fn has_all(interner: &mut Interner, world: &World) -> bool {
    let (server, history) = (world.server, world.history);
    *interner.complete.entry((server, history)).or_insert_with(|| {
        let (server, history) = (interner.servers.get(server), interner.histories.get(history));
        history.events.keys().all(|id| server.log.contains(interner.user_id, *id))
    })
}

/// P1 at the end, P7 and P8, when nothing can happen any more.
pub(crate) fn check_end(interner: &Interner, scope: &Scope, world: &World) -> Result<(), String> {
    let parts = Parts::new(interner, scope, world);
    let (observed, history) = (parts.observed(interner), &parts.history);
    let head = observed.log.head(interner.user_id);
    if !observed.tabs.iter().all(|(_, core)| invariants::is_quiet(core, head)) {
        let tabs = invariants::describe_tabs(observed.tabs);
        return Err(format!("P8: nothing is left to happen and it is not quiet: {tabs}"));
    }
    invariants::everything_arrived(history, &observed)?;
    invariants::only_rejected_events_are_quarantined(history, &observed, &parts.server, false)?;
    invariants::all_tabs_show(&observed.log.ledger(interner.user_id), observed.tabs)
}
