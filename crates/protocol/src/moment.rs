//! Clocks and randomness as a parameter: state machines read neither by themselves.

use wizitime_domain::Timestamp;

/// Milliseconds on a clock that never goes back, counted from an arbitrary origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonoTime(u64);

impl MonoTime {
    /// The time `ms` milliseconds after the clock's origin.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the clock's origin.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// The time `ms` milliseconds later. Saturates.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time; 0 if `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// When an input arrives, with randomness for jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Time of day by this device's clock. It may be wrong and may jump.
    pub wall: Timestamp,
    /// Monotonic time, for timeouts and delays.
    pub mono: MonoTime,
    /// 64 random bits.
    pub entropy: u64,
}
