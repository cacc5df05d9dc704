//! Time and randomness at the start of one step.

use wizitime_domain::Timestamp;
use wizitime_protocol::phoenix::Mono;

/// Everything from outside that a decision may depend on, read once per input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The device's clock, which may be wrong and may jump.
    pub wall: Timestamp,
    /// A clock that never goes back, for waits.
    pub mono: Mono,
    /// Random bits, for jitter.
    pub entropy: u64,
}

impl Moment {
    /// The part that the protocol crate takes.
    pub const fn protocol(&self) -> wizitime_protocol::phoenix::Moment {
        wizitime_protocol::phoenix::Moment { now: self.mono, entropy: self.entropy }
    }
}
