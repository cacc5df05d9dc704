//! Password hashing: Argon2id (RFC 9106), on a bounded number of blocking threads.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use tokio::sync::{AcquireError, Semaphore};
use tokio::task::JoinError;

use crate::random;

/// The shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// The longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 1_000;
/// Hashes that may wait for a processor; more are refused with [`PasswordError::Busy`].
pub const HASHES_WAITING_MAX: usize = 64;

/// Salt and hash that no password matches.
const DUMMY_SALT: &str = "bm9ib2R5J3Mgc2FsdC4uLg";
const DUMMY_HASH: &str = "bm9ib2R5J3MgcGFzc3dvcmQsIHdoaWNoIG5vYm9keSA";

/// The cost of one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// The OWASP recommendation: 19 MiB of memory, two iterations.
    Standard,
    /// The minimum, for tests.
    Trivial,
}

/// A password could not be hashed or verified.
#[derive(Debug)]
pub enum PasswordError {
    /// [`HASHES_WAITING_MAX`] is reached.
    Busy,
    /// A stored hash is invalid, or the hasher failed.
    Hash(password_hash::Error),
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
    /// The hashing thread panicked.
    Thread(JoinError),
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many password hashes in the queue"),
            Self::Hash(error) => write!(f, "a password hash failed: {error}"),
            Self::Random(error) => write!(f, "no randomness: {error}"),
            Self::Thread(error) => write!(f, "the hashing thread panicked: {error}"),
        }
    }
}

impl std::error::Error for PasswordError {}

impl From<password_hash::Error> for PasswordError {
    fn from(error: password_hash::Error) -> Self {
        Self::Hash(error)
    }
}

impl From<AcquireError> for PasswordError {
    fn from(_: AcquireError) -> Self {
        Self::Busy
    }
}

/// Hashes and verifies passwords, at most one per processor at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Running and waiting hashes.
    slots: Arc<Semaphore>,
    processors: Arc<Semaphore>,
    processors_count: usize,
    /// Verified where there is no account, so that the response takes as long as with one.
    dummy_hash: Arc<str>,
}

impl Passwords {
    /// A hasher of this cost.
    ///
    /// # Errors
    /// If the hasher rejects the parameters.
    pub fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = match cost {
            PasswordCost::Standard => Params::DEFAULT,
            PasswordCost::Trivial => Params::new(Params::MIN_M_COST, 1, 1, None)
                .map_err(|_| password_hash::Error::ParamsInvalid)?,
        };
        // The same parameters as a real hash, so that verification takes the same time.
        let dummy_hash = format!(
            "$argon2id$v=19$m={},t={},p={}${DUMMY_SALT}${DUMMY_HASH}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        );
        let argon2 = Argon2::from(params);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            argon2,
            slots: Arc::new(Semaphore::new(processors + HASHES_WAITING_MAX)),
            processors: Arc::new(Semaphore::new(processors)),
            processors_count: processors,
            dummy_hash: dummy_hash.into(),
        })
    }

    /// Hashes a password with a random salt.
    ///
    /// # Errors
    /// If too many hashes are waiting, or the hasher fails.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        self.spawn_limited(move || hash(&argon2, password.as_bytes())).await
    }

    /// Whether the password matches the stored hash. Without a stored hash the result is `false`,
    /// after the same time.
    ///
    /// # Errors
    /// If too many hashes are waiting, or the stored hash is invalid.
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy_hash.to_string());
        self.spawn_limited(move || {
            let stored = PasswordHash::new(&stored)
                .map_err(|_| PasswordError::Hash(password_hash::Error::EncodingInvalid))?;
            match argon2.verify_password(password.as_bytes(), &stored) {
                Ok(()) => Ok(exists),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(PasswordError::Hash(error)),
            }
        })
        .await
    }

    /// The number of running and of waiting hashes.
    pub fn load(&self) -> (usize, usize) {
        let running = self.processors_count - self.processors.available_permits();
        let slots = self.processors_count + HASHES_WAITING_MAX;
        let taken = slots - self.slots.available_permits();
        (running, taken.saturating_sub(running))
    }

    async fn spawn_limited<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _slot = self.slots.try_acquire().map_err(|_| PasswordError::Busy)?;
        let _processor = self.processors.acquire().await?;
        tokio::task::spawn_blocking(work).await.map_err(PasswordError::Thread)?
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, PasswordError> {
    let salt = random::bytes::<16>().map_err(PasswordError::Random)?;
    Ok(argon2.hash_password_with_salt(password, &salt)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn password_matches_only_its_own_hash() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let stored = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        let again = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert_ne!(stored, again, "every hash has a random salt");
        let verify = |password: &str, stored: Option<&String>| {
            passwords.verify(password.to_owned(), stored.cloned())
        };
        assert!(verify("correct horse", Some(&stored)).await.unwrap());
        assert!(!verify("wrong horse", Some(&stored)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn standard_cost_is_the_owasp_recommendation() {
        let passwords = Passwords::new(PasswordCost::Standard).unwrap();
        assert!(passwords.dummy_hash.contains("$m=19456,t=2,p=1$"), "{}", passwords.dummy_hash);
    }

    #[tokio::test]
    async fn hashing_over_capacity_returns_busy() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let slots = u32::try_from(passwords.slots.available_permits()).unwrap();
        let taken = passwords.slots.acquire_many(slots).await.unwrap();
        let refused = passwords.hash("correct horse".to_owned()).await;
        assert!(matches!(refused, Err(PasswordError::Busy)), "{refused:?}");
        let (running, waiting) = passwords.load();
        assert_eq!((running, waiting), (0, slots as usize));
        drop(taken);
        assert_eq!(passwords.load(), (0, 0));
        assert!(passwords.hash("correct horse".to_owned()).await.is_ok());
    }
}
