//! What goes wrong, how often and for how long. Chances are in a thousand, each for one occasion;
//! times are upper bounds in milliseconds, and what is drawn is evenly below.

use wizitime_domain::IdSource;

/// A connection is closed as soon as it was accepted.
pub(crate) const REFUSED: u64 = 60;
/// A connection is cut after a while, whatever passes through it.
pub(crate) const SHORT_LIVED: u64 = 500;
pub(crate) const LIFE_MS_MAX: u64 = 20_000;
/// A connection is cut in the middle of what it carries.
pub(crate) const CUT: u64 = 15;
/// What a connection carries is late.
pub(crate) const DELAYED: u64 = 150;
pub(crate) const DELAY_MS_MAX: u64 = 400;
/// A connection stands still, longer than a push waits for its reply.
pub(crate) const STALLED: u64 = 12;
pub(crate) const STALL_MS_MAX: u64 = 7_000;
/// From now on a connection swallows what it is given, and nobody is told.
pub(crate) const MUTED: u64 = 4;

/// A tab is killed between two of its effects.
pub(crate) const KILLED_AT_EFFECT: u64 = 1;
/// A write of the confirmed data to the device gets lost.
pub(crate) const CACHE_LOST: u64 = 20;
/// What a tab holds as confirmed is noted for the oracle. No fault: noting all would take the
/// time that the clients need.
pub(crate) const LOOKED_AT: u64 = 100;
/// IndexedDB is this slow.
pub(crate) const MIRROR_MS_MAX: u64 = 20;

/// From one thing a person does to the next.
pub(crate) const PAUSE_MS_MAX: u64 = 600;
/// From one killed tab to the next, and until it is opened again.
pub(crate) const TAB_KILL_MS_MAX: u64 = 10_000;
pub(crate) const TAB_AWAY_MS_MAX: u64 = 5_000;
/// From one device that loses its network to the next, and until it is back.
pub(crate) const OFFLINE_PAUSE_MS_MAX: u64 = 30_000;
pub(crate) const OFFLINE_MS_MAX: u64 = 15_000;

/// A server is killed while it starts.
pub(crate) const KILLED_AT_START: u64 = 100;
pub(crate) const START_KILL_MS_MAX: u64 = 60;
/// A server is killed around the next commit.
pub(crate) const KILLED_AT_COMMIT: u64 = 500;
pub(crate) const COMMIT_KILL_MS_MAX: u64 = 15;
/// How long a server lives, or is safe from being killed at a commit.
pub(crate) const SERVER_LIFE_MS_MAX: u64 = 10_000;
pub(crate) const SERVER_AWAY_MS_MAX: u64 = 4_000;

/// Whether a chance in a thousand comes true.
pub(crate) fn strikes(rng: &mut IdSource, chance: u64) -> bool {
    rng.below(1_000) < chance
}
