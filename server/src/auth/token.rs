//! Bearer tokens: 256 random bits. The server stores only their SHA-256.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::random;

/// Lifetime of a session token: 90 days.
pub const TOKEN_LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// Lifetime of a socket token: one minute.
pub const SOCKET_TOKEN_LIFE_MS: i64 = 60 * 1_000;

/// Lifetime of an invitation: seven days.
pub const INVITATION_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Lifetime of a set-password link: one day.
pub const PASSWORD_LINK_LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

/// Lifetime of a set-password link that anyone can have mailed to the user: one hour.
pub const MAILED_LINK_LIFE_MS: i64 = 60 * 60 * 1_000;

/// The start of the token of such a link. Other tokens have no dot. Who has a token cannot change
/// its start, because the server stores the hash of the whole.
const MAILED_START: &str = "mail.";

/// Who asked for a set-password link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRequester {
    /// The operator, who knows the user.
    Operator,
    /// Anyone, by mail: only the mailbox is proved.
    Anyone,
}

/// A token in plain text. It is never stored and never logged.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// A new token.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub fn generate() -> Result<Self, getrandom::Error> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?)))
    }

    /// A new token of a set-password link that anyone can have mailed to the user.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub fn generate_mailed() -> Result<Self, getrandom::Error> {
        Ok(Self(format!("{MAILED_START}{}", Self::generate()?.0)))
    }

    /// Who asked for the set-password link with this token.
    pub fn link_requester(&self) -> LinkRequester {
        if self.0.starts_with(MAILED_START) {
            LinkRequester::Anyone
        } else {
            LinkRequester::Operator
        }
    }

    /// A token as received from a client; it may be unknown.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The plain text, to send to the client.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// The hash that the server stores.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token. 256 random bits cannot be guessed, so neither salt nor cost is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash as 64 hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Parses 64 hexadecimal digits.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != bytes.len() * 2 {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailed_tokens_differ_from_others() {
        let (mailed, other) = (Token::generate_mailed().unwrap(), Token::generate().unwrap());
        assert_eq!(mailed.link_requester(), LinkRequester::Anyone);
        assert_eq!(other.link_requester(), LinkRequester::Operator);
        let cut = Token::from_client(mailed.expose_secret().strip_prefix(MAILED_START).unwrap());
        assert_ne!(cut.hash(), mailed.hash(), "it is no token without its start");
    }

    #[test]
    fn tokens_are_unique_and_not_printed() {
        let (one, two) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(one.expose_secret().len(), 43);
        assert_ne!(one, two);
        assert_eq!(Token::from_client(one.expose_secret()).hash(), one.hash());
        assert!(!format!("{one:?}{:?}", one.hash()).contains(one.expose_secret()));
    }
}
