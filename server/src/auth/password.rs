//! Passwords: kept as Argon2id hashes, made and checked off the event loop.

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
/// Passwords that wait to be hashed; whoever comes after them is asked to come back.
pub const HASHES_WAITING_MAX: usize = 64;

/// The salt and the hash of no password.
const NOBODYS_SALT: &str = "bm9ib2R5J3Mgc2FsdC4uLg";
const NOBODYS_HASH: &str = "bm9ib2R5J3MgcGFzc3dvcmQsIHdoaWNoIG5vYm9keSA";

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// What OWASP recommends: 19 MiB, twice.
    Standard,
    /// Next to nothing, for tests that are not about passwords.
    Trivial,
}

/// A password could not be hashed or checked.
#[derive(Debug)]
pub enum PasswordError {
    /// Too many are waiting.
    Busy,
    /// A stored hash cannot be read, or the hasher failed.
    Hash(password_hash::Error),
    /// The operating system has no randomness to give.
    Random(getrandom::Error),
    /// The thread that hashed ended early.
    Thread(JoinError),
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many passwords wait to be hashed"),
            Self::Hash(error) => write!(f, "a password hash failed: {error}"),
            Self::Random(error) => write!(f, "no randomness: {error}"),
            Self::Thread(error) => write!(f, "the hashing thread ended early: {error}"),
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

/// Hashes passwords, one for each processor at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    places: Arc<Semaphore>,
    processors: Arc<Semaphore>,
    processors_count: usize,
    /// What is checked where there is no account.
    nobody: Arc<str>,
}

impl Passwords {
    /// A hasher of this cost.
    ///
    /// # Errors
    /// If the hasher does not know the cost.
    pub fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = match cost {
            PasswordCost::Standard => Params::DEFAULT,
            PasswordCost::Trivial => Params::new(Params::MIN_M_COST, 1, 1, None)
                .map_err(|_| password_hash::Error::ParamsInvalid)?,
        };
        // It costs as much to check as a real one; what would match it, nobody knows.
        let nobody = format!(
            "$argon2id$v=19$m={},t={},p={}${NOBODYS_SALT}${NOBODYS_HASH}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        );
        let argon2 = Argon2::from(params);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            argon2,
            places: Arc::new(Semaphore::new(processors + HASHES_WAITING_MAX)),
            processors: Arc::new(Semaphore::new(processors)),
            processors_count: processors,
            nobody: nobody.into(),
        })
    }

    /// The hash of a password, with a salt of its own.
    ///
    /// # Errors
    /// If too many wait already, or the hasher fails.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        self.off_the_loop(move || hash(&argon2, password.as_bytes())).await
    }

    /// Whether this is the password of the hash. Without a hash it takes as long and is never so.
    ///
    /// # Errors
    /// If too many wait already, or the hash cannot be read.
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        self.off_the_loop(move || {
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

    /// How many passwords are being hashed, and how many wait for that.
    pub fn load(&self) -> (usize, usize) {
        let running = self.processors_count - self.processors.available_permits();
        let places = self.processors_count + HASHES_WAITING_MAX;
        let inside = places - self.places.available_permits();
        (running, inside.saturating_sub(running))
    }

    async fn off_the_loop<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.try_acquire().map_err(|_| PasswordError::Busy)?;
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
    async fn a_password_matches_its_own_hash_alone() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let stored = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        let again = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert_ne!(stored, again, "every hash has its own salt");
        let verify = |password: &str, stored: Option<&String>| {
            passwords.verify(password.to_owned(), stored.cloned())
        };
        assert!(verify("correct horse", Some(&stored)).await.unwrap());
        assert!(!verify("wrong horse", Some(&stored)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn the_standard_cost_is_what_is_recommended() {
        let passwords = Passwords::new(PasswordCost::Standard).unwrap();
        assert!(passwords.nobody.contains("$m=19456,t=2,p=1$"), "{}", passwords.nobody);
    }

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_is_sent_away() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let places = u32::try_from(passwords.places.available_permits()).unwrap();
        let taken = passwords.places.acquire_many(places).await.unwrap();
        let refused = passwords.hash("correct horse".to_owned()).await;
        assert!(matches!(refused, Err(PasswordError::Busy)), "{refused:?}");
        let (running, waiting) = passwords.load();
        assert_eq!((running, waiting), (0, places as usize));
        drop(taken);
        assert_eq!(passwords.load(), (0, 0));
        assert!(passwords.hash("correct horse".to_owned()).await.is_ok());
    }
}
