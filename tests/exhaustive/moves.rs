//! What can happen next.

use crate::action::{Action, Move, Strike};
use crate::fault::Fault;
use crate::judge;
use crate::lore::Lore;
use crate::play::{Play, Scope};
use crate::world::{Tab, World};

/// Waits as short as this are over while something is still under way; longer ones only when
/// nothing is.
const SHORT_MS: u64 = 100;

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

    /// Whether everybody is there and knows everything that the server knows.
    fn is_settled(&self, lore: &Lore) -> bool {
        let server = lore.servers.get(self.server);
        let end = Some(server.log.head(lore.user_id).cursor);
        self.tabs.iter().all(|tab| {
            let mind = tab.client.filter(|_| !tab.frozen);
            mind.is_some_and(|mind| lore.minds.get(mind).settled == end)
        })
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

/// Everything that can happen next.
pub(crate) fn next(play: &mut Play<'_>) -> Next {
    let scope = play.scope;
    let mut moves = play.world.moves(play.lore, scope);
    let is_busy = !moves.is_empty();
    let is_over = !is_busy
        && play.world.is_settled(play.lore)
        && judge::is_the_end(play.lore, scope, &play.world);
    let mut acts = acts(play);
    if !is_over && may_pass(&play.world, play.lore, &moves) {
        moves.push(Move::Pass);
    }
    for (index, tab) in (0_u8..).zip(&play.world.tabs) {
        if tab.client.is_none() {
            moves.push(Move::Open(index));
        } else if tab.frozen {
            moves.push(Move::Thaw(index));
        }
    }
    moves.append(&mut acts);
    let mut actions: Vec<Action> = moves.iter().map(|it| Action::Move(*it)).collect();
    if !play.world.struck {
        actions.extend(strikes(play, &moves).into_iter().map(Action::Strike));
    }
    Next { actions, is_over }
}

/// Where the person can do the next thing. The devices are alike, so the first thing is done on
/// the first.
fn acts(play: &Play<'_>) -> Vec<Move> {
    let scope = play.scope;
    let tabs = if play.world.acted == 0 { scope.tabs_per_device } else { scope.tabs() };
    let can = |tab: &u8| !play.world.tabs[usize::from(*tab)].frozen && play.intent(*tab).is_some();
    (0..tabs).filter(can).map(Move::Act).collect()
}

fn may_pass(world: &World, lore: &Lore, moves: &[Move]) -> bool {
    let Some(due_ms) = world.next_due_ms(lore) else { return false };
    let is_due = due_ms <= world.now_ms;
    !is_due && (moves.is_empty() || due_ms - world.now_ms <= SHORT_MS)
}

fn strikes(play: &mut Play<'_>, moves: &[Move]) -> Vec<Strike> {
    let tabs = 0..play.scope.tabs();
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
        Fault::Poison => (0..play.scope.devices).map(Strike::Poison).collect(),
        Fault::Kill => {
            let mut strikes: Vec<Strike> = tabs.map(Strike::Kill).collect();
            for at in moves {
                let (steps, _) = play.rehearse(*at);
                strikes.extend((1..steps).map(|steps| Strike::KillWithin(*at, steps)));
            }
            strikes
        }
        Fault::Refuse => {
            let mut strikes = Vec::new();
            for at in moves {
                let (_, stores) = play.rehearse(*at);
                strikes.extend((0..stores).map(|number| Strike::Refuse(*at, number)));
            }
            strikes
        }
        Fault::Browser => {
            let mut strikes = Vec::new();
            for device in 0..play.scope.devices {
                let most = play.unflushed(device);
                strikes.extend((0..=most).map(|kept| Strike::Browser { device, kept }));
            }
            for at in moves {
                let (steps, stores) = play.rehearse(*at);
                let most = play.unflushed_most().saturating_add(stores);
                for steps in 1..steps {
                    let kept = 0..=most;
                    strikes.extend(kept.map(|kept| Strike::BrowserWithin { at: *at, steps, kept }));
                }
            }
            strikes
        }
    }
}
