//! Password hashing: Argon2id (RFC 9106).

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use argon2::password_hash::phc::{self, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash};

use super::hash_pool::{HashPool, Memory};
use super::password_text::PasswordText;
use crate::random;

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
    /// Too many hashes are waiting.
    Busy,
    /// A stored hash is invalid, or the hasher failed.
    Hash(password_hash::Error),
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
    /// The operating system refused a thread.
    Thread(io::Error),
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many password hashes in the queue"),
            Self::Hash(error) => write!(f, "a password hash failed: {error}"),
            Self::Random(error) => write!(f, "no randomness: {error}"),
            Self::Thread(error) => write!(f, "no thread for hashing passwords: {error}"),
        }
    }
}

impl std::error::Error for PasswordError {}

impl From<password_hash::Error> for PasswordError {
    fn from(error: password_hash::Error) -> Self {
        Self::Hash(error)
    }
}

impl From<phc::Error> for PasswordError {
    fn from(error: phc::Error) -> Self {
        Self::Hash(error.into())
    }
}

impl From<argon2::Error> for PasswordError {
    fn from(error: argon2::Error) -> Self {
        Self::Hash(error.into())
    }
}

/// Hashes and verifies passwords. A client address with many requests delays only itself.
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
    pool: Arc<HashPool>,
    /// Verified where there is no account, so that the response takes as long as with one.
    dummy_hash: Arc<str>,
}

impl Passwords {
    /// A hasher of this cost.
    ///
    /// # Errors
    /// If the hasher rejects the parameters, or the operating system refuses a thread.
    pub fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = match cost {
            PasswordCost::Standard => Params::DEFAULT,
            PasswordCost::Trivial => Params::new(Params::MIN_M_COST, 1, 1, None)?,
        };
        // The same parameters as a real hash, so that verification takes the same time.
        let dummy_hash = format!(
            "$argon2id$v=19$m={},t={},p={}${DUMMY_SALT}${DUMMY_HASH}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        );
        let pool = Arc::new(HashPool::start().map_err(PasswordError::Thread)?);
        Ok(Self { params, pool, dummy_hash: dummy_hash.into() })
    }

    /// Hashes a password with a random salt, for a client at this address.
    ///
    /// # Errors
    /// If too many hashes are waiting, or the hasher fails.
    pub async fn hash(
        &self,
        address: IpAddr,
        password: PasswordText,
    ) -> Result<String, PasswordError> {
        let params = self.params.clone();
        let work = move |memory: &mut Memory| hash(params, &password, memory);
        self.pool.run(address, work).await.map_err(|_| PasswordError::Busy)?
    }

    /// Whether the password matches the stored hash, for a client at this address. Without a stored
    /// hash the result is `false`, after the same time.
    ///
    /// # Errors
    /// If too many hashes are waiting, or the stored hash is invalid.
    pub async fn verify(
        &self,
        address: IpAddr,
        password: PasswordText,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy_hash.to_string());
        let work = move |memory: &mut Memory| matches(&stored, &password, memory);
        let is_match = self.pool.run(address, work).await.map_err(|_| PasswordError::Busy)??;
        Ok(is_match && exists)
    }

    /// The number of running and of waiting hashes.
    pub fn load(&self) -> (usize, usize) {
        self.pool.load()
    }
}

fn hash(
    params: Params,
    password: &PasswordText,
    memory: &mut Memory,
) -> Result<String, PasswordError> {
    let salt = Salt::new(&random::bytes::<16>().map_err(PasswordError::Random)?)?;
    let argon2 = Argon2::from(params);
    let password = password.normalised();
    let hash = output(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN, memory)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(salt),
        hash: Some(hash),
    };
    Ok(hash.to_string())
}

/// Whether one of the password's forms has this hash, compared in constant time. All forms are
/// hashed, so that the time depends on the typed password alone.
fn matches(
    stored: &str,
    password: &PasswordText,
    memory: &mut Memory,
) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored)?;
    let invalid = password_hash::Error::EncodingInvalid;
    let (Some(salt), Some(hash)) = (stored.salt, stored.hash) else { return Err(invalid.into()) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from)?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored)?);
    let mut is_match = false;
    for form in password.forms() {
        is_match |= output(&argon2, form, &salt, hash.len(), memory)? == hash;
    }
    Ok(is_match)
}

fn output(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &Salt,
    len_bytes: usize,
    memory: &mut Memory,
) -> Result<Output, PasswordError> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut bytes = [0; Output::MAX_LENGTH];
    let invalid = password_hash::Error::OutputSize;
    let bytes = bytes.get_mut(..len_bytes).ok_or(invalid)?;
    let memory = memory.get_mut(..blocks).ok_or(password_hash::Error::Internal)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, memory)?;
    Ok(Output::new(bytes)?)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn text(password: &str) -> PasswordText {
        password.to_owned().into()
    }

    #[tokio::test]
    async fn password_matches_only_its_own_hash() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let stored = passwords.hash(ADDRESS, text("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        let again = passwords.hash(ADDRESS, text("correct horse")).await.unwrap();
        assert_ne!(stored, again, "every hash has a random salt");
        let verify = |password: &str, stored: Option<&String>| {
            passwords.verify(ADDRESS, text(password), stored.cloned())
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

    /// Earlier versions hashed the password as it was typed.
    #[tokio::test]
    async fn a_password_matches_in_each_form() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let decomposed = "Cafe\u{301} noir";
        let salt = Salt::new(&[7; 16]).unwrap();
        let argon2 = Argon2::from(passwords.params.clone());
        let mut memory = Memory::default();
        let hash = output(&argon2, decomposed, &salt, 32, &mut memory).unwrap();
        let stored_as_typed = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(argon2.params()).unwrap(),
            salt: Some(salt),
            hash: Some(hash),
        };
        let typed = Some(stored_as_typed.to_string());
        assert!(passwords.verify(ADDRESS, text(decomposed), typed.clone()).await.unwrap());
        let normalised = Some(passwords.hash(ADDRESS, text(decomposed)).await.unwrap());
        for (form, expected) in [(decomposed, true), ("Caf\u{e9} noir", true), ("Cafe noir", false)]
        {
            let is_match = passwords.verify(ADDRESS, text(form), normalised.clone()).await.unwrap();
            assert_eq!(is_match, expected, "{form}");
        }
    }

    /// Made by the reference implementation of Argon2, version 20190702.
    #[tokio::test]
    async fn hashes_of_other_costs_and_implementations_are_verified() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ\
                      $CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for (password, expected) in [("password", true), ("Password", false)] {
            let stored = Some(stored.to_owned());
            let is_match = passwords.verify(ADDRESS, text(password), stored).await.unwrap();
            assert_eq!(is_match, expected, "{password}");
        }
    }

    #[tokio::test]
    async fn an_invalid_stored_hash_is_an_error() {
        let passwords = Passwords::new(PasswordCost::Trivial).unwrap();
        for stored in ["", "$argon2id$v=19$m=64,t=1,p=1", "$scrypt$ln=1$c29tZXNhbHQ$CTFhFdXPJO1a"] {
            let verified = passwords.verify(ADDRESS, text("x"), Some(stored.to_owned())).await;
            assert!(matches!(verified, Err(PasswordError::Hash(_))), "{stored}: {verified:?}");
        }
    }
}
