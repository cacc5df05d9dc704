//! Randomness from the operating system.

use std::sync::{Mutex, PoisonError};

use wizitime_domain::{IdSource, Timestamp};

/// Generates the ids of accounts, epochs and requests.
#[derive(Debug)]
pub struct IdGenerator(Mutex<IdSource>);

impl IdGenerator {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub fn from_os() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 4];
        for word in &mut seed {
            *word = u64::from_le_bytes(bytes()?);
        }
        Ok(Self(Mutex::new(IdSource::new(seed))))
    }

    /// The bytes of a new UUIDv7 (RFC 9562).
    pub fn uuid_v7(&self, now: Timestamp) -> [u8; 16] {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).uuid_v7(now)
    }
}

/// Cryptographically secure random bytes.
///
/// # Errors
/// If the operating system's random number generator fails.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
