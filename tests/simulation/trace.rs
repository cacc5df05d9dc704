//! A fingerprint of everything that happened, and the lines themselves when asked for.

/// Hashes the order of what happens (FNV-1a); tells it if `WIZI_TRACE` is set.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    print: bool,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, print: std::env::var_os("WIZI_TRACE").is_some() }
    }

    /// Something is told to whoever reads along.
    pub(crate) fn note(&self, now_ms: u64, line: impl FnOnce() -> String) {
        if self.print {
            println!("{now_ms:>8} {}", line());
        }
    }

    /// Something happened: when, and which of all that was ever planned. Whatever goes another way
    /// is planned at another time or in another order.
    pub(crate) fn mix(&mut self, now_ms: u64, slot: usize) {
        for byte in now_ms.to_le_bytes().into_iter().chain(slot.to_le_bytes()) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}
