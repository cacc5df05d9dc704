//! The timer of the core.

use gloo_timers::callback::Timeout;
use wizitime_protocol::MonoTime;

use super::clock;
use super::inbox::send;
use crate::app::input::Input;

/// The longest wait that a browser's timer takes, in milliseconds.
const TIMEOUT_MS_MAX: u64 = 0x7fff_ffff;

/// A timer that reports `TimerFired` at this time, unless it is dropped first.
pub(super) fn wake_at(at: MonoTime) -> Timeout {
    let wait_ms = at.ms_since(clock::now().mono).min(TIMEOUT_MS_MAX);
    // The timer's clock is finer than ours: one millisecond more, and it is surely due.
    let wait_ms = u32::try_from(wait_ms + 1).unwrap_or(u32::MAX);
    Timeout::new(wait_ms, || send(Input::TimerFired))
}
