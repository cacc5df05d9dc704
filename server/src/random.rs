//! Randomness from the operating system.

use std::sync::{Mutex, PoisonError};

use wizitime_domain::{IdSource, Timestamp};

/// Makes the ids of accounts and epochs.
#[derive(Debug)]
pub struct Ids(Mutex<IdSource>);

impl Ids {
    /// A source seeded by the operating system.
    ///
    /// # Errors
    /// If that has no randomness to give.
    pub fn from_os() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 4];
        for word in &mut seed {
            *word = u64::from_le_bytes(bytes()?);
        }
        Ok(Self(Mutex::new(IdSource::new(seed))))
    }

    /// The bits of a fresh UUIDv7.
    pub fn uuid_v7(&self, now: Timestamp) -> [u8; 16] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).uuid_v7(now)
    }
}

/// Secret random bytes.
///
/// # Errors
/// If the operating system has none to give.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
