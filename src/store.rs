//! The store: one state, changed only by dispatched actions.

mod action;
mod changes;
pub mod record;
pub mod slices;
mod state;

pub use action::{
    Action, CacheSnapshot, Confirmed, LocalAction, PageAction, PageEvent, PeerAction, PeerMessage,
    Scope, ServerAction, SessionAction, SessionSource, SignInError, StorageAction, SyncAction,
    UndoKind,
};
pub use changes::{Changes, TimelineChanges};
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

    /// The state after the last dispatch.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Reduces an action in every slice and returns what changed.
    pub fn dispatch(&mut self, action: &Action) -> Changes {
        let mut changes = Changes::default();
        self.state.reduce(action, &mut changes);
        changes
    }
}
