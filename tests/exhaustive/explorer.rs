//! Explores all reachable worlds, breadth first, so that the path to the first violation is the
//! shortest.

use std::collections::VecDeque;

use crate::checks;
use crate::initial_state;
use crate::interner::Interner;
use crate::runner::{Runner, Scope};
use crate::table::Seen;
use crate::transition::{NormalStep, Transition};
use crate::transitions;
use crate::world::World;

/// How long a world may take to become quiet (P8), beginning with the first thing that happens.
const QUIET_MS_MAX: u64 = 5 * 60_000;

/// The most states of one scope: more would not fit into memory.
const STATES_MAX: usize = 30_000_000;

/// The most lines of a path.
const LINES_MAX: usize = 60;

/// The result of exploring one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exploration {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// Worlds without further transitions.
    pub(crate) ends: usize,
    /// The longest shortest path.
    pub(crate) depth: usize,
    /// There were more states than fit into memory.
    pub(crate) is_cut_short: bool,
    /// Distinct states of a single client.
    pub(crate) clients: usize,
    /// The violation, and the shortest path there.
    pub(crate) violation: Option<(String, Vec<String>)>,
}

/// The transition that led to a world.
struct Node {
    parent: u32,
    action: Transition,
}

/// The exploration of a scope.
struct Explorer<'a> {
    scope: &'a Scope,
    interner: Interner,
    first: World,
    nodes: Vec<Node>,
    seen: Seen<u128>,
    found: Exploration,
}

/// Explores a scope.
pub(crate) fn explore(scope: &Scope) -> Exploration {
    let (interner, first) = initial_state::create(scope);
    let mut seen = Seen::default();
    seen.insert(first.fingerprint(&interner));
    let action = Transition::Normal(NormalStep::Pass);
    let nodes = vec![Node { parent: 0, action }];
    let found = Exploration { states: 1, ..Exploration::default() };
    let until_ms = first.now_ms + QUIET_MS_MAX;
    let mut explorer = Explorer { scope, interner, first, nodes, seen, found };
    explorer.run(until_ms);
    explorer.found.clients = explorer.interner.clients.len();
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
            let mut runner = Runner::new(&mut self.interner, self.scope, world.clone());
            let next = transitions::next(&mut runner);
            self.found.ends += usize::from(next.is_over && next.actions.is_empty());
            let mut goes_on = next.is_over;
            for action in next.actions {
                self.found.steps += 1;
                let mut runner = Runner::new(&mut self.interner, self.scope, world.clone());
                let checked = runner.perform_transition(action);
                let after = runner.world;
                let late = after.now_ms > until_ms;
                let violation = match checked {
                    Err(why) => Some(why),
                    Ok(()) if late => {
                        let why = checks::check_end(&self.interner, self.scope, &after);
                        Some(format!("P8: it takes too long: {why:?}"))
                    }
                    Ok(()) => None,
                };
                if let Some(why) = violation {
                    let path = self.path(node, Some(action));
                    self.found.violation = Some((why, path));
                    return;
                }
                let fingerprint = after.fingerprint(&self.interner);
                // A world that needs a user's action to continue was not quiet by itself.
                goes_on |=
                    matches!(action, Transition::Normal(it) if !matches!(it, NormalStep::Act(_)));
                if self.seen.insert(fingerprint) {
                    self.found.states += 1;
                    let index = u32::try_from(self.nodes.len()).expect("fewer states than numbers");
                    self.nodes.push(Node { parent: node, action });
                    queue.push_back((index, depth + 1, after));
                }
            }
            if !goes_on {
                let why = checks::check_end(&self.interner, self.scope, &world).err();
                let why = why.unwrap_or_else(|| "P8: it is stuck".to_owned());
                self.found.violation = Some((why, self.path(node, None)));
                return;
            }
        }
    }

    /// The path to a world, in words.
    fn path(&mut self, node: u32, last: Option<Transition>) -> Vec<String> {
        let mut actions: Vec<Transition> = last.into_iter().collect();
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
            let mut runner = Runner::new(&mut self.interner, self.scope, world);
            let is_talk = transitions::is_keepalive(&runner, action);
            path.extend((!is_talk).then(|| runner.describe(action)));
            let checked = runner.perform_transition(action);
            world = runner.world;
            path.extend(checked.err());
        }
        // What comes after is only waiting.
        let end = path.len().saturating_sub(LINES_MAX);
        path.truncate(LINES_MAX);
        path.extend((end > 0).then(|| format!("… and {end} more")));
        path
    }
}
