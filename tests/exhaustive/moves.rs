//! What can happen next.

use crate::action::{Action, Move, Strike};
use crate::fault::Fault;
use crate::judge;
use crate::lore::Lore;
use crate::play::{Play, Scope};
use crate::world::{Down, Tab, World};

impl World {
    /// When the next tab wants to be woken.
    pub(crate) fn next_due_ms(&self, lore: &Lore) -> Option<u64> {
        let awake = self.tabs.iter().filter(|tab| !tab.frozen).filter_map(|tab| tab.client);
        awake.filter_map(|mind| lore.minds.get(mind).due_ms).min()
    }

    /// What is under way.
    fn moves(&self, lore: &Lore, scope: &Scope) -> Vec<Move> {
        let mut moves = Vec::new();
        for (index, tab) in (0_u8..).zip(&self.tabs) {
            tab.moves(index, self.now_ms, lore, &mut moves);
        }
        for device in 0..scope.devices {
            if self.next_request(device).is_some() {
                moves.push(Move::Disk(device));
            }
        }
        moves
    }

    /// The request that IndexedDB does next: those of frozen tabs are left out.
    pub(crate) fn next_request(&self, device: u8) -> Option<usize> {
        let requests = &self.devices[usize::from(device)].requests;
        requests.iter().position(|it| !self.tabs[usize::from(it.tab)].frozen)
    }

    /// Whether everybody who is there knows everything that the server knows, and nothing else.
    fn is_settled(&self, lore: &Lore) -> bool {
        let server = lore.servers.get(self.server);
        let end = Some(server.log.head(lore.user_id).cursor);
        let awake = self.tabs.iter().filter(|tab| !tab.frozen).filter_map(|tab| tab.client);
        awake.map(|mind| lore.minds.get(mind).settled).all(|settled| settled == end)
    }

    /// Whether everybody is there.
    fn is_complete(&self) -> bool {
        self.tabs.iter().all(|tab| tab.client.is_some() && !tab.frozen)
    }
}

impl Tab {
    fn moves(&self, index: u8, now_ms: u64, lore: &Lore, moves: &mut Vec<Move>) {
        let Some(mind) = self.client else { return };
        if let Some(conn) = &self.conn {
            if !conn.up.is_empty() {
                moves.push(Move::Serve(index));
            }
            if conn.opening && !self.frozen {
                moves.push(Move::Connect(index));
            }
            if !conn.down.is_empty() && !self.frozen {
                moves.push(Move::Hear(index));
            }
        }
        if self.frozen {
            return;
        }
        if !self.stored.is_empty() {
            moves.push(Move::Stored(index));
        }
        if !self.told.is_empty() {
            moves.push(Move::Told(index));
        }
        if lore.minds.get(mind).due_ms.is_some_and(|due_ms| due_ms <= now_ms) {
            moves.push(Move::Wake(index));
        }
    }
}

/// What can happen next, and whether it is over unless the person acts or something goes wrong.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) actions: Vec<Action>,
    pub(crate) is_over: bool,
}

/// What is under way.
pub(crate) fn under_way(play: &Play<'_>) -> Vec<Move> {
    play.world.moves(play.lore, play.scope)
}

/// Everything that can happen next, but for what is shown to lead nowhere else (see `main.rs`).
pub(crate) fn next(play: &mut Play<'_>) -> Next {
    let scope = play.scope;
    let moves = play.world.moves(play.lore, scope);
    if let Some(it) = moves.iter().find(|it| may_be_skipped(play, **it)) {
        return Next { actions: vec![Action::Move(*it)], is_over: false };
    }
    let is_settled = moves.is_empty() && play.world.is_settled(play.lore);
    let is_complete = play.world.is_complete();
    let is_over = is_settled && is_complete && judge::is_the_end(play.lore, scope, &play.world);
    // Nobody waits for ever for a tab that is gone or frozen.
    let is_at_rest = if is_complete { is_over } else { is_settled };
    let are_apart = acts(play).is_empty() && judge::has_all(play.lore, &play.world);
    let is_spared = play.world.struck || (are_apart && scope.fault.hits_a_commit());
    let mut moves = if are_apart { one_device(play, moves) } else { moves };
    let elsewhere = |it: &Move| it.device(scope) != Some(scope.target);
    if are_apart && moves.first().is_some_and(elsewhere) {
        let actions = moves.into_iter().map(Action::Move).collect();
        return Next { actions, is_over: false };
    }
    if !is_at_rest && may_pass(&play.world, play.lore, &moves) {
        moves.push(Move::Pass);
    }
    for (index, tab) in (0_u8..).zip(&play.world.tabs) {
        let device = scope.device_of(index);
        let is_calm = moves.iter().all(|it| it.device(scope) != Some(device));
        if tab.client.is_none() {
            // Whoever opens a browser anew waits until a tab is there before opening the next.
            if is_calm || scope.fault != Fault::Browser {
                moves.push(Move::Open(index));
            }
        } else if tab.frozen {
            moves.push(Move::Thaw(index));
        }
    }
    moves.append(&mut acts(play));
    let mut actions: Vec<Action> = moves.iter().map(|it| Action::Move(*it)).collect();
    if !is_spared {
        actions.extend(strikes(play, &moves).into_iter().map(Action::Strike));
    }
    Next { actions, is_over }
}

/// The moves of one device: those of the device that a fault can still hit come last.
fn one_device(play: &Play<'_>, moves: Vec<Move>) -> Vec<Move> {
    let scope = play.scope;
    let others = (0..scope.devices).filter(|device| *device != scope.target);
    for device in others.chain([scope.target]) {
        let its = moves.iter().filter(|it| it.device(scope) == Some(device));
        let its: Vec<Move> = its.copied().collect();
        if !its.is_empty() {
            return its;
        }
    }
    moves
}

/// Whether this can as well happen at once, because its order among all else makes no difference.
fn may_be_skipped(play: &Play<'_>, it: Move) -> bool {
    let fault = play.scope.fault;
    if !play.world.struck && matches!(fault, Fault::Lose | Fault::Double | Fault::Freeze) {
        return false;
    }
    let (Move::Serve(tab) | Move::Hear(tab)) = it else { return false };
    let is_due = play.world.tabs[usize::from(tab)].client.is_none_or(|mind| {
        play.lore.minds.get(mind).due_ms.is_some_and(|due_ms| due_ms <= play.world.now_ms)
    });
    !is_due && is_idle_talk(play, Action::Move(it))
}

/// Whether this is a frame that says nothing to anybody: the server's sign of life and its clock.
pub(crate) fn is_idle_talk(play: &Play<'_>, it: Action) -> bool {
    let Action::Move(Move::Serve(tab) | Move::Hear(tab)) = it else { return false };
    let Some(conn) = &play.world.tabs[usize::from(tab)].conn else { return false };
    let frame = match (it, conn.down.first()) {
        (Action::Move(Move::Serve(_)), _) => conn.up.first(),
        (_, Some(Down::Frame(frame))) => Some(frame),
        (_, Some(Down::Closed) | None) => None,
    };
    frame.is_some_and(|frame| play.lore.is_idle_talk(*frame))
}

/// Where the person can do the next thing. The devices are alike, so the first thing is done on
/// the first.
fn acts(play: &Play<'_>) -> Vec<Move> {
    let scope = play.scope;
    let tabs = if play.world.acted == 0 { scope.tabs_per_device } else { scope.tabs() };
    let can = |tab: &u8| !play.world.tabs[usize::from(*tab)].frozen && play.intent(*tab).is_some();
    (0..tabs).filter(can).map(Move::Act).collect()
}

/// Time passes when nothing is under way and some tab wants to be woken later.
fn may_pass(world: &World, lore: &Lore, moves: &[Move]) -> bool {
    moves.is_empty() && world.next_due_ms(lore).is_some_and(|due_ms| due_ms > world.now_ms)
}

fn strikes(play: &mut Play<'_>, moves: &[Move]) -> Vec<Strike> {
    let scope = play.scope;
    let tabs = match scope.fault.is_of_a_device() {
        true => scope.tabs_of(scope.target),
        false => 0..scope.tabs(),
    };
    let its_moves = moves.iter().filter(|it| it.device(scope) == Some(scope.target));
    let its_moves: Vec<Move> = its_moves.copied().collect();
    let conn = |tab: &u8| play.world.tabs[usize::from(*tab)].conn.as_ref();
    let is_up = |tab: &u8| conn(tab).is_some_and(|it| !it.up.is_empty());
    let is_down = |tab: &u8| conn(tab).is_some_and(|it| !it.down.is_empty());
    let is_open = |tab: &u8| conn(tab).is_some_and(|it| it.session.is_some());
    let brings_events = |tab: &u8| {
        let frame = conn(tab).and_then(|it| it.up.first());
        frame.is_some_and(|frame| play.lore.frames.get(*frame).contains("\"BULK_EVENT\""))
    };
    match play.scope.fault {
        Fault::None => Vec::new(),
        Fault::Lose => {
            let up = tabs.clone().filter(is_up).map(Strike::LoseUp);
            up.chain(tabs.filter(is_down).map(Strike::LoseDown)).collect()
        }
        Fault::Double => {
            let up = tabs.clone().filter(is_up).map(Strike::DoubleUp);
            up.chain(tabs.filter(is_down).map(Strike::DoubleDown)).collect()
        }
        Fault::Cut => tabs.filter(is_open).map(Strike::Cut).collect(),
        Fault::Silence => tabs.filter(is_open).map(Strike::Silence).collect(),
        Fault::Deaf => tabs.filter(brings_events).map(Strike::Deaf).collect(),
        Fault::CrashBefore => tabs.filter(brings_events).map(Strike::CrashBefore).collect(),
        Fault::CrashAfter => tabs.filter(brings_events).map(Strike::CrashAfter).collect(),
        Fault::Freeze => tabs.map(Strike::Freeze).collect(),
        Fault::Poison => vec![Strike::Poison(scope.target)],
        Fault::Kill => {
            let mut strikes: Vec<Strike> = tabs.map(Strike::Kill).collect();
            for at in &its_moves {
                let (steps, _) = play.rehearse(*at);
                strikes.extend((1..steps).map(|steps| Strike::KillWithin(*at, steps)));
            }
            strikes
        }
        Fault::Refuse => {
            let mut strikes = Vec::new();
            for at in &its_moves {
                let (_, stores) = play.rehearse(*at);
                strikes.extend((0..stores).map(|number| Strike::Refuse(*at, number)));
            }
            strikes
        }
        Fault::Browser => {
            let mut strikes = Vec::new();
            let device = scope.target;
            let most = play.unflushed(device);
            strikes.extend((0..=most).map(|kept| Strike::Browser { device, kept }));
            for at in &its_moves {
                let (steps, stores) = play.rehearse(*at);
                let most = most.saturating_add(stores);
                for steps in 1..steps {
                    let kept = 0..=most;
                    strikes.extend(kept.map(|kept| Strike::BrowserWithin { at: *at, steps, kept }));
                }
            }
            strikes
        }
    }
}
