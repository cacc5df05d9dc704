//! What one run consists of.

use std::collections::BTreeSet;

use crate::faults::Fault;

/// A seed, and what is left of its plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    /// The only faults that occur, by their names, with commas between them.
    pub(crate) only: Option<String>,
    /// Faults that do not occur.
    pub(crate) without: Vec<Fault>,
    /// Planned events that are left out, by their number.
    pub(crate) left_out: BTreeSet<u64>,
    /// Whether everything that happens is printed.
    pub(crate) is_traced: bool,
}

impl Case {
    /// The whole plan of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}
