//! A fingerprint of everything that happened, and the lines themselves when asked for.

/// Hashes what happens (FNV-1a); prints it if `WIZI_TRACE` is set.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    print: bool,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, print: std::env::var_os("WIZI_TRACE").is_some() }
    }

    pub(crate) fn note(&mut self, now_ms: u64, line: impl FnOnce() -> String) {
        let line = line();
        if self.print {
            println!("{now_ms:>8} {line}");
        }
        for byte in now_ms.to_le_bytes().into_iter().chain(line.bytes()) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }
}
