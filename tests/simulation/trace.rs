//! A hash of everything that happened, and the lines of a trace.

/// Hashes the order of events (FNV-1a on words), and prints lines if asked to.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    is_printed: bool,
}

impl Trace {
    pub(crate) const fn new(is_printed: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, is_printed }
    }

    /// Prints a line.
    pub(crate) fn line(&self, now_ms: u64, line: impl FnOnce() -> String) {
        if self.is_printed {
            println!("{now_ms:>8} {}", line());
        }
    }

    /// Mixes the time of an event and its number among all that were ever scheduled. A run that
    /// takes another course schedules at another time or in another order.
    pub(crate) fn mix(&mut self, now_ms: u64, nth: u64) {
        for word in [now_ms, nth] {
            self.hash = (self.hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }
}
