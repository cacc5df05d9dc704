//! The output of one step.

use super::effect::Effect;
use crate::store::Action;

/// Effects to perform and follow-up actions, both in order. Follow-up actions are queued behind
/// those that are already waiting.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub effects: Vec<Effect>,
    pub actions: Vec<Action>,
}

impl Outbox {
    /// An outbox with one action.
    pub fn action(action: Action) -> Self {
        Self { actions: vec![action], effects: Vec::new() }
    }

    /// An outbox with one effect.
    pub fn effect(effect: Effect) -> Self {
        Self { actions: Vec::new(), effects: vec![effect] }
    }

    /// Appends another outbox.
    pub fn append(&mut self, mut other: Self) {
        self.effects.append(&mut other.effects);
        self.actions.append(&mut other.actions);
    }
}
