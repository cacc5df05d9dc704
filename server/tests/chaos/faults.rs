//! What goes wrong, how often and for how long. Chances are in a thousand, each for one occasion;
//! times are upper bounds in milliseconds.

use wizitime_domain::IdSource;

/// A connection is closed as soon as it was accepted.
pub(crate) const REFUSED: u64 = 60;
/// A connection is cut after a while, whether anything passes or not.
pub(crate) const SHORT_LIVED: u64 = 500;
pub(crate) const LIFE_MS_MAX: u64 = 20_000;
/// A connection is cut in the middle of a chunk.
pub(crate) const CUT: u64 = 15;
/// A chunk is late.
pub(crate) const DELAYED: u64 = 150;
pub(crate) const DELAY_MS_MAX: u64 = 400;
/// A connection stalls, longer than a push waits for its reply.
pub(crate) const STALLED: u64 = 12;
pub(crate) const STALL_MS_MAX: u64 = 7_000;
/// A connection drops everything from now on, without an error.
pub(crate) const MUTED: u64 = 4;

/// A tab is killed between two steps.
pub(crate) const KILLED_AT_STEP: u64 = 1;
/// A write of the snapshot cache is lost.
pub(crate) const CACHE_LOST: u64 = 20;
/// The confirmed data of a tab is sampled. No fault: sampling all of it would take the time that
/// the clients need.
pub(crate) const SAMPLED: u64 = 100;
/// How slow IndexedDB is.
pub(crate) const DATABASE_MS_MAX: u64 = 20;

/// From one intent of a user to the next.
pub(crate) const PAUSE_MS_MAX: u64 = 600;
/// From one killed tab to the next, and until it is opened again.
pub(crate) const TAB_KILL_MS_MAX: u64 = 10_000;
pub(crate) const TAB_CLOSED_MS_MAX: u64 = 5_000;
/// From one device that loses its network to the next, and until the network is back.
pub(crate) const ONLINE_MS_MAX: u64 = 30_000;
pub(crate) const OFFLINE_MS_MAX: u64 = 15_000;

/// A server is killed while it starts.
pub(crate) const KILLED_AT_START: u64 = 100;
pub(crate) const START_KILL_MS_MAX: u64 = 60;
/// A server is killed around the next commit.
pub(crate) const KILLED_AT_COMMIT: u64 = 500;
pub(crate) const COMMIT_KILL_MS_MAX: u64 = 15;
/// How long a server lives, or is safe from being killed at a commit.
pub(crate) const SERVER_LIFE_MS_MAX: u64 = 10_000;
pub(crate) const SERVER_DOWN_MS_MAX: u64 = 4_000;

/// Whether a chance in a thousand comes true.
pub(crate) fn occurs(rng: &mut IdSource, chance: u64) -> bool {
    rng.below(1_000) < chance
}
