//! 128 bits that stand for all of a state.

use std::fmt::{self, Write as _};

/// Two things with the same fingerprint are taken for the same.
pub(crate) type Fingerprint = u128;

const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Mixes words and texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixer(u128);

impl Mixer {
    pub(crate) const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(crate) const fn wide(&mut self, word: u128) {
        self.0 = (self.0 ^ word).wrapping_mul(FACTOR);
        self.0 ^= self.0 >> 67;
    }

    pub(crate) fn word(&mut self, word: impl Into<u64>) {
        self.wide(u128::from(word.into()));
    }

    /// A row of numbers, with its length, so that none can be taken for a part of the next.
    pub(crate) fn row<T: Copy + Into<u64>>(&mut self, row: &[T]) {
        self.word(row.len() as u64);
        row.iter().for_each(|word| self.word(*word));
    }

    pub(crate) const fn finish(mut self) -> Fingerprint {
        self.wide(1);
        self.wide(2);
        self.0
    }
}

impl fmt::Write for Mixer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.word(text.len() as u64);
        for chunk in text.as_bytes().chunks(16) {
            let mut word = [0; 16];
            word[..chunk.len()].copy_from_slice(chunk);
            self.wide(u128::from_le_bytes(word));
        }
        Ok(())
    }
}

/// The fingerprint of all that `Debug` shows: derived, it shows everything.
pub(crate) fn of(value: &impl fmt::Debug) -> Fingerprint {
    let mut mixer = Mixer::new();
    let written = write!(mixer, "{value:?}");
    assert!(written.is_ok(), "a mixer takes every text");
    mixer.finish()
}
