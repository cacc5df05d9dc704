//! One world to be.

use std::collections::BTreeSet;

use crate::faults::Fault;

/// A seed, and what is left of the world that it makes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    /// The only fault that strikes.
    pub(crate) only: Option<String>,
    /// Faults that do not strike.
    pub(crate) without: Vec<Fault>,
    /// What does not happen of all that the seed plans, by its place in the plan.
    pub(crate) skipped: BTreeSet<u64>,
    /// Whether everything that happens is told.
    pub(crate) told: bool,
}

impl Case {
    /// All of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}
