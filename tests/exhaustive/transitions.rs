//! The transitions that are possible in a world.

use crate::checks;
use crate::fault::Fault;
use crate::interner::Interner;
use crate::runner::{Runner, Scope};
use crate::transition::{FaultStep, NormalStep, Transition};
use crate::world::{Down, Tab, World};

impl World {
    /// When the next timer is due.
    pub(crate) fn next_due_ms(&self, interner: &Interner) -> Option<u64> {
        let awake = self.tabs.iter().filter(|tab| !tab.frozen).filter_map(|tab| tab.client);
        awake.filter_map(|client_id| interner.clients.get(client_id).due_ms).min()
    }

    /// The steps that are pending.
    fn moves(&self, interner: &Interner, scope: &Scope) -> Vec<NormalStep> {
        let mut moves = Vec::new();
        for (index, tab) in (0_u8..).zip(&self.tabs) {
            tab.moves(index, self.now_ms, interner, &mut moves);
        }
        for device in 0..scope.devices {
            if self.next_request(device).is_some() {
                moves.push(NormalStep::Database(device));
            }
        }
        moves
    }

    /// The request that IndexedDB executes next; those of frozen tabs wait.
    pub(crate) fn next_request(&self, device: u8) -> Option<usize> {
        let requests = &self.devices[usize::from(device)].requests;
        requests.iter().position(|it| !self.tabs[usize::from(it.tab)].frozen)
    }

    /// Whether all running tabs have the data of the server and nothing else.
    fn is_settled(&self, interner: &Interner) -> bool {
        let server = interner.servers.get(self.server);
        let end = Some(server.log.head(interner.user_id).cursor);
        let awake = self.tabs.iter().filter(|tab| !tab.frozen).filter_map(|tab| tab.client);
        awake.map(|client_id| interner.clients.get(client_id).settled).all(|settled| settled == end)
    }

    /// Whether all tabs are open and running.
    fn is_complete(&self) -> bool {
        self.tabs.iter().all(|tab| tab.client.is_some() && !tab.frozen)
    }
}

impl Tab {
    fn moves(&self, index: u8, now_ms: u64, interner: &Interner, moves: &mut Vec<NormalStep>) {
        let Some(client_id) = self.client else { return };
        if let Some(conn) = &self.conn {
            if !conn.up.is_empty() {
                moves.push(NormalStep::Serve(index));
            }
            if conn.opening && !self.frozen {
                moves.push(NormalStep::Connect(index));
            }
            if !conn.down.is_empty() && !self.frozen {
                moves.push(NormalStep::Receive(index));
            }
        }
        if self.frozen {
            return;
        }
        if !self.stored.is_empty() {
            moves.push(NormalStep::Stored(index));
        }
        if !self.messages.is_empty() {
            moves.push(NormalStep::BrowserMessage(index));
        }
        if interner.clients.get(client_id).due_ms.is_some_and(|due_ms| due_ms <= now_ms) {
            moves.push(NormalStep::Wake(index));
        }
    }
}

/// The possible transitions, and whether the world is at its end unless the user acts or a fault
/// occurs.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) actions: Vec<Transition>,
    pub(crate) is_over: bool,
}

/// The steps that are pending.
pub(crate) fn pending(runner: &Runner<'_>) -> Vec<NormalStep> {
    runner.world.moves(runner.interner, runner.scope)
}

/// Everything that can happen next, but for what is shown to lead nowhere else (see `main.rs`).
pub(crate) fn next(runner: &mut Runner<'_>) -> Next {
    let scope = runner.scope;
    let moves = runner.world.moves(runner.interner, scope);
    if let Some(it) = moves.iter().find(|it| may_be_skipped(runner, **it)) {
        return Next { actions: vec![Transition::Normal(*it)], is_over: false };
    }
    let is_settled = moves.is_empty() && runner.world.is_settled(runner.interner);
    let is_complete = runner.world.is_complete();
    let is_over =
        is_settled && is_complete && checks::is_the_end(runner.interner, scope, &runner.world);
    // A closed or frozen tab is not waited for.
    let is_at_rest = if is_complete { is_over } else { is_settled };
    let are_apart =
        user_actions(runner).is_empty() && checks::has_all(runner.interner, &runner.world);
    let is_spared = runner.world.has_faulted || (are_apart && scope.fault.hits_a_commit());
    let mut moves = if are_apart { one_device(runner, moves) } else { moves };
    let elsewhere = |it: &NormalStep| it.device(scope) != Some(scope.target);
    if are_apart && moves.first().is_some_and(elsewhere) {
        let actions = moves.into_iter().map(Transition::Normal).collect();
        return Next { actions, is_over: false };
    }
    if !is_at_rest && may_pass(&runner.world, runner.interner, &moves) {
        moves.push(NormalStep::Pass);
    }
    for (index, tab) in (0_u8..).zip(&runner.world.tabs) {
        let device = scope.device_of(index);
        let is_idle = moves.iter().all(|it| it.device(scope) != Some(device));
        if tab.client.is_none() {
            // The user of a restarted browser waits for a tab before opening the next.
            if is_idle || scope.fault != Fault::Browser {
                moves.push(NormalStep::Open(index));
            }
        } else if tab.frozen {
            moves.push(NormalStep::Thaw(index));
        }
    }
    moves.append(&mut user_actions(runner));
    let mut actions: Vec<Transition> = moves.iter().map(|it| Transition::Normal(*it)).collect();
    if !is_spared {
        actions.extend(fault_steps(runner, &moves).into_iter().map(Transition::Fault));
    }
    Next { actions, is_over }
}

/// The moves of one device: those of the device that a fault can still hit come last.
fn one_device(runner: &Runner<'_>, moves: Vec<NormalStep>) -> Vec<NormalStep> {
    let scope = runner.scope;
    let others = (0..scope.devices).filter(|device| *device != scope.target);
    for device in others.chain([scope.target]) {
        let its = moves.iter().filter(|it| it.device(scope) == Some(device));
        let its: Vec<NormalStep> = its.copied().collect();
        if !its.is_empty() {
            return its;
        }
    }
    moves
}

/// Whether this can as well happen at once, because its order among all else makes no difference.
fn may_be_skipped(runner: &Runner<'_>, it: NormalStep) -> bool {
    let fault = runner.scope.fault;
    if !runner.world.has_faulted && matches!(fault, Fault::Lose | Fault::Double | Fault::Freeze) {
        return false;
    }
    let (NormalStep::Serve(tab) | NormalStep::Receive(tab)) = it else { return false };
    let is_due = runner.world.tabs[usize::from(tab)].client.is_none_or(|client_id| {
        runner
            .interner
            .clients
            .get(client_id)
            .due_ms
            .is_some_and(|due_ms| due_ms <= runner.world.now_ms)
    });
    !is_due && is_keepalive(runner, Transition::Normal(it))
}

/// Whether this is a heartbeat or a ping, which have no effect on anything else.
pub(crate) fn is_keepalive(runner: &Runner<'_>, it: Transition) -> bool {
    let Transition::Normal(NormalStep::Serve(tab) | NormalStep::Receive(tab)) = it else {
        return false;
    };
    let Some(conn) = &runner.world.tabs[usize::from(tab)].conn else { return false };
    let frame = match (it, conn.down.first()) {
        (Transition::Normal(NormalStep::Serve(_)), _) => conn.up.first(),
        (_, Some(Down::Frame(frame))) => Some(frame),
        (_, Some(Down::Closed) | None) => None,
    };
    frame.is_some_and(|frame| runner.interner.is_keepalive(*frame))
}

/// Where the user can act next. The devices are alike, so the first action is on the first.
fn user_actions(runner: &Runner<'_>) -> Vec<NormalStep> {
    let scope = runner.scope;
    let tabs = if runner.world.acted == 0 { scope.tabs_per_device } else { scope.tabs() };
    let can =
        |tab: &u8| !runner.world.tabs[usize::from(*tab)].frozen && runner.intent(*tab).is_some();
    (0..tabs).filter(can).map(NormalStep::Act).collect()
}

/// Time passes when nothing is pending and a timer is due later.
fn may_pass(world: &World, interner: &Interner, moves: &[NormalStep]) -> bool {
    moves.is_empty() && world.next_due_ms(interner).is_some_and(|due_ms| due_ms > world.now_ms)
}

fn fault_steps(runner: &mut Runner<'_>, moves: &[NormalStep]) -> Vec<FaultStep> {
    let scope = runner.scope;
    let tabs = match scope.fault.is_of_a_device() {
        true => scope.tabs_of(scope.target),
        false => 0..scope.tabs(),
    };
    let its_moves = moves.iter().filter(|it| it.device(scope) == Some(scope.target));
    let its_moves: Vec<NormalStep> = its_moves.copied().collect();
    let conn = |tab: &u8| runner.world.tabs[usize::from(*tab)].conn.as_ref();
    let is_up = |tab: &u8| conn(tab).is_some_and(|it| !it.up.is_empty());
    let is_down = |tab: &u8| conn(tab).is_some_and(|it| !it.down.is_empty());
    let is_open = |tab: &u8| conn(tab).is_some_and(|it| it.session.is_some());
    let brings_events = |tab: &u8| {
        let frame = conn(tab).and_then(|it| it.up.first());
        frame.is_some_and(|frame| runner.interner.frames.get(*frame).contains("\"BULK_EVENT\""))
    };
    match runner.scope.fault {
        Fault::None => Vec::new(),
        Fault::Lose => {
            let up = tabs.clone().filter(is_up).map(FaultStep::LoseUp);
            up.chain(tabs.filter(is_down).map(FaultStep::LoseDown)).collect()
        }
        Fault::Double => {
            let up = tabs.clone().filter(is_up).map(FaultStep::DoubleUp);
            up.chain(tabs.filter(is_down).map(FaultStep::DoubleDown)).collect()
        }
        Fault::Cut => tabs.filter(is_open).map(FaultStep::Cut).collect(),
        Fault::Silence => tabs.filter(is_open).map(FaultStep::Silence).collect(),
        Fault::LostBroadcast => tabs.filter(brings_events).map(FaultStep::LoseBroadcasts).collect(),
        Fault::CrashBefore => tabs.filter(brings_events).map(FaultStep::CrashBefore).collect(),
        Fault::CrashAfter => tabs.filter(brings_events).map(FaultStep::CrashAfter).collect(),
        Fault::Freeze => tabs.map(FaultStep::Freeze).collect(),
        Fault::Poison => vec![FaultStep::Poison(scope.target)],
        Fault::Kill => {
            let mut fault_steps: Vec<FaultStep> = tabs.map(FaultStep::Kill).collect();
            for at in &its_moves {
                let (steps, _) = runner.rehearse(*at);
                fault_steps.extend((1..steps).map(|steps| FaultStep::KillWithin(*at, steps)));
            }
            fault_steps
        }
        Fault::Refuse => {
            let mut fault_steps = Vec::new();
            for at in &its_moves {
                let (_, stores) = runner.rehearse(*at);
                fault_steps.extend((0..stores).map(|number| FaultStep::Refuse(*at, number)));
            }
            fault_steps
        }
        Fault::Browser => {
            let mut fault_steps = Vec::new();
            let device = scope.target;
            let most = runner.unflushed(device);
            fault_steps.extend((0..=most).map(|kept| FaultStep::Browser { device, kept }));
            for at in &its_moves {
                let (steps, stores) = runner.rehearse(*at);
                let most = most.saturating_add(stores);
                for steps in 1..steps {
                    let kept = 0..=most;
                    fault_steps.extend(kept.map(|kept| FaultStep::BrowserWithin {
                        at: *at,
                        operations: steps,
                        kept,
                    }));
                }
            }
            fault_steps
        }
    }
}
