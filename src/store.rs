//! The store: one state, changed by nothing but dispatched actions.

mod action;
mod changes;
pub mod slices;
mod state;

pub use action::{Action, Confirmed, Scope, SessionSource};
pub use changes::Changes;
pub use state::State;

/// Holds the state. `dispatch` takes it by exclusive reference, so that a reducer that dispatches
/// or reads a half-changed state does not compile.
#[derive(Clone, Debug)]
pub struct Store {
    state: State,
}

impl Store {
    /// A store with this state.
    pub const fn new(state: State) -> Self {
        Self { state }
    }

    /// The state as the last dispatch left it.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Gives an action to every slice and tells what changed.
    pub fn dispatch(&mut self, action: &Action) -> Changes {
        let mut changes = Changes::default();
        self.state.reduce(action, &mut changes);
        changes
    }
}
