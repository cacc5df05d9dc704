//! A fingerprint of everything that happened, and the lines themselves when asked for.

/// Hashes the order of what happens (as FNV-1a does, a word at a time); tells it if that is wanted.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    print: bool,
}

impl Trace {
    pub(crate) fn new(print: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, print }
    }

    /// Something is told to whoever reads along.
    pub(crate) fn note(&self, now_ms: u64, line: impl FnOnce() -> String) {
        if self.print {
            println!("{now_ms:>8} {}", line());
        }
    }

    /// Something happened: when, and which of all that was ever planned. Whatever goes another way
    /// is planned at another time or in another order.
    pub(crate) fn mix(&mut self, now_ms: u64, planned: u64) {
        for word in [now_ms, planned] {
            self.hash = (self.hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}
