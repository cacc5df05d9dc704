//! Counts of a run.

use std::fmt;

/// Counted from the beginning of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) events: usize,
    pub(crate) server_kills: u64,
    pub(crate) cuts: u64,
    pub(crate) tabs_killed: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, server_kills, cuts, tabs_killed } = self;
        write!(
            f,
            "{events} events, {server_kills} server kills, {cuts} cuts, {tabs_killed} tabs killed"
        )
    }
}
