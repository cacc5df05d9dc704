//! What goes wrong, and how often. Each seed draws its own mix, so that some runs are calm but for
//! one kind of fault and others are hell.

use wizitime_domain::IdSource;

/// Chances in a thousand, each for one occasion.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// A frame is lost although the connection stands.
    pub(crate) drop: u64,
    /// A frame arrives twice.
    pub(crate) duplicate: u64,
    /// A frame overtakes others.
    pub(crate) reorder: u64,
    /// A frame takes seconds.
    pub(crate) delay: u64,
    /// The connection breaks at this frame.
    pub(crate) cut: u64,
    /// A broken connection is not noticed: no close event comes.
    pub(crate) silent: u64,
    /// The server dies when a batch arrives.
    pub(crate) crash_before_commit: u64,
    /// The server dies when the batch is in the log and nobody knows.
    pub(crate) crash_after_commit: u64,
    /// The database is away.
    pub(crate) unavailable: u64,
    /// A broadcast reaches nobody.
    pub(crate) deaf: u64,
    /// A tab is killed between two effects.
    pub(crate) kill: u64,
    /// A write of the confirmed data to the device fails.
    pub(crate) cache_lost: u64,
    /// The whole browser is killed, at one of its effects.
    pub(crate) crash: u64,
    /// The server is restored from an older backup.
    pub(crate) restore: u64,
    /// A tab is frozen for a while.
    pub(crate) freeze: u64,
    /// The mirror is slow: what it is given takes up to seconds.
    pub(crate) slow_mirror: u64,
    /// An event that can never be right lies in storage when a tab starts.
    pub(crate) poison: u64,
}

impl Faults {
    /// A mix of its own for every seed: each fault is absent, rare or frequent.
    pub(crate) fn draw(rng: &mut IdSource) -> Self {
        let mut chance = |frequent: u64| match rng.below(4) {
            0 | 1 => 0,
            2 => frequent / 10 + 1,
            _ => frequent,
        };
        Self {
            drop: chance(100),
            duplicate: chance(100),
            reorder: chance(100),
            delay: chance(100),
            cut: chance(60),
            silent: chance(500),
            crash_before_commit: chance(60),
            crash_after_commit: chance(100),
            unavailable: chance(150),
            deaf: chance(700),
            kill: chance(15),
            cache_lost: chance(200),
            crash: chance(6),
            restore: chance(500),
            freeze: chance(500),
            slow_mirror: chance(300),
            poison: chance(300),
        }
    }
}

/// Whether a chance in a thousand comes true.
pub(crate) fn strikes(rng: &mut IdSource, chance: u64) -> bool {
    chance > 0 && rng.below(1_000) < chance
}
