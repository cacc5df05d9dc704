//! Selectors of the timer.

use std::sync::Arc;

use wizitime_domain::{DurationMs, TimeEntry, Timestamp};

use crate::store::State;

/// From this running time on, the timer card asks whether the clock was forgotten.
pub const STILL_RUNNING_AFTER: DurationMs = DurationMs::from_minutes(12 * 60);
/// Clocks of two devices may differ by this much without a word.
const CLOCK_DIFFERENCE_MAX: DurationMs = DurationMs::from_ms(5_000);

/// The running entry.
pub fn select_running(state: &State) -> Option<Arc<TimeEntry>> {
    state.ledger.shown().running().cloned()
}

/// The part of a running entry between `from` and `to`.
pub fn running_part(
    started_at: Timestamp,
    now: Timestamp,
    (from, to): (Timestamp, Timestamp),
) -> DurationMs {
    now.min(to).since(started_at.max(from)).max(DurationMs::ZERO)
}

/// What the timer card says about a running clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerNote {
    /// It runs for so long that it may have been forgotten.
    StillRunning,
    /// This device's clock is earlier than the start, or was turned back meanwhile.
    CheckClock,
}

/// The note on a clock that started at `started_at`. `wall` is what this device's clock shows,
/// `now` the server's time as far as it is known.
pub fn select_timer_note(
    state: &State,
    started_at: Timestamp,
    wall: Timestamp,
    now: Timestamp,
) -> Option<TimerNote> {
    let is_ahead = |now: Timestamp| started_at.since(now) > CLOCK_DIFFERENCE_MAX;
    let is_measured = state.device.clock.is_measured();
    if is_ahead(now) || (!is_measured && is_ahead(wall)) {
        Some(TimerNote::CheckClock)
    } else if now.since(started_at) >= STILL_RUNNING_AFTER {
        Some(TimerNote::StillRunning)
    } else {
        None
    }
}
