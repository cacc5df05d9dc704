//! Goes through every world that can come to be, the nearest first, so that the way to the first
//! broken promise is the shortest.

use std::collections::VecDeque;

use crate::action::{Action, Move};
use crate::begin;
use crate::judge;
use crate::lore::Lore;
use crate::moves;
use crate::play::{Play, Scope};
use crate::table::Seen;
use crate::world::World;

/// How long a world may take to become quiet (P8), beginning with the first thing that happens.
const QUIET_MS_MAX: u64 = 5 * 60_000;

/// The most states of one scope: more would not fit into memory.
const STATES_MAX: usize = 30_000_000;

/// The most lines that tell a way.
const LINES_MAX: usize = 60;

/// What was found in one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// Worlds in which nothing is left to happen.
    pub(crate) ends: usize,
    /// The most things that happened one after the other.
    pub(crate) depth: usize,
    /// There were more states than fit into memory.
    pub(crate) is_cut_short: bool,
    /// Distinct states of a single client.
    pub(crate) minds: usize,
    /// The promise that was broken, and the shortest way there.
    pub(crate) broken: Option<(String, Vec<String>)>,
}

/// How a world came to be.
struct Node {
    parent: u32,
    action: Action,
}

/// All that was reached in a scope.
struct Explorer<'a> {
    scope: &'a Scope,
    lore: Lore,
    first: World,
    nodes: Vec<Node>,
    seen: Seen<u128>,
    found: Found,
}

/// Explores everything within a scope.
pub(crate) fn explore(scope: &Scope) -> Found {
    let (lore, first) = begin::begin(scope);
    let mut seen = Seen::default();
    seen.insert(first.fingerprint(&lore));
    let action = Action::Move(Move::Pass);
    let nodes = vec![Node { parent: 0, action }];
    let found = Found { states: 1, ..Found::default() };
    let until_ms = first.now_ms + QUIET_MS_MAX;
    let mut explorer = Explorer { scope, lore, first, nodes, seen, found };
    explorer.run(until_ms);
    explorer.found.minds = explorer.lore.minds.len();
    explorer.found
}

impl Explorer<'_> {
    fn run(&mut self, until_ms: u64) {
        let mut queue = VecDeque::from([(0_u32, 0_usize, self.first.clone())]);
        while let Some((node, depth, world)) = queue.pop_front() {
            if self.nodes.len() > STATES_MAX {
                self.found.is_cut_short = true;
                return;
            }
            self.found.depth = self.found.depth.max(depth);
            let mut play = Play::new(&mut self.lore, self.scope, world.clone());
            let next = moves::next(&mut play);
            self.found.ends += usize::from(next.is_over && next.actions.is_empty());
            let mut goes_on = next.is_over;
            for action in next.actions {
                self.found.steps += 1;
                let mut play = Play::new(&mut self.lore, self.scope, world.clone());
                let judged = play.happen(action);
                let after = play.world;
                let late = after.now_ms > until_ms;
                let broken = match judged {
                    Err(why) => Some(why),
                    Ok(()) if late => {
                        let why = judge::the_end(&self.lore, self.scope, &after);
                        Some(format!("P8: it takes too long: {why:?}"))
                    }
                    Ok(()) => None,
                };
                if let Some(why) = broken {
                    let path = self.path(node, Some(action));
                    self.found.broken = Some((why, path));
                    return;
                }
                let fingerprint = after.fingerprint(&self.lore);
                // Whoever has to act to get things going again was not quiet by itself.
                goes_on |= matches!(action, Action::Move(it) if !matches!(it, Move::Act(_)));
                if self.seen.insert(fingerprint) {
                    self.found.states += 1;
                    let index = u32::try_from(self.nodes.len()).expect("fewer states than numbers");
                    self.nodes.push(Node { parent: node, action });
                    queue.push_back((index, depth + 1, after));
                }
            }
            if !goes_on {
                let why = judge::the_end(&self.lore, self.scope, &world).err();
                let why = why.unwrap_or_else(|| "P8: it is stuck".to_owned());
                self.found.broken = Some((why, self.path(node, None)));
                return;
            }
        }
    }

    /// How a world came to be, in words.
    fn path(&mut self, node: u32, last: Option<Action>) -> Vec<String> {
        let mut actions: Vec<Action> = last.into_iter().collect();
        let mut at = node;
        while at != 0 {
            let Node { parent, action } = &self.nodes[at as usize];
            actions.push(*action);
            at = *parent;
        }
        actions.reverse();
        let mut world = self.first.clone();
        let mut path = Vec::new();
        for action in actions {
            let mut play = Play::new(&mut self.lore, self.scope, world);
            let is_talk = moves::is_idle_talk(&play, action);
            path.extend((!is_talk).then(|| play.tell(action)));
            let judged = play.happen(action);
            world = play.world;
            path.extend(judged.err());
        }
        // What comes after is only waiting.
        let end = path.len().saturating_sub(LINES_MAX);
        path.truncate(LINES_MAX);
        path.extend((end > 0).then(|| format!("… and {end} more")));
        path
    }
}
