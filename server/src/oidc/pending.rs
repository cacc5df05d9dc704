//! Sign-ins that are under way at the provider. Each is in a cookie of its browser and nowhere
//! else, so that any server can continue it, and none keeps anything for an unknown client.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::{Nonce, PkceCodeVerifier};
use sha2::{Digest as _, Sha256};
use wizitime_domain::Timestamp;

use crate::auth::{CLOCK_DIFFERENCE_MS_MAX, Token};

/// How long a user may take at the provider.
pub const PENDING_LIFE_MS: i64 = 10 * 60 * 1_000;
/// Between the two parts of the cookie.
const SEPARATOR: char = '.';

/// A sign-in under way: a secret of the browser and when it began. What the provider gets to see is
/// derived from both, so a cookie that was changed fits no answer of the provider.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PendingSignIn {
    secret: Token,
    begun_at: Timestamp,
}

impl PendingSignIn {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system's random number generator fails.
    pub(crate) fn begin(now: Timestamp) -> Result<Self, getrandom::Error> {
        Ok(Self { secret: Token::generate()?, begun_at: now })
    }

    /// The value of the cookie.
    pub(crate) fn to_cookie(&self) -> String {
        format!("{}{SEPARATOR}{}", self.secret.expose_secret(), self.begun_at.as_ms())
    }

    /// The sign-in of a cookie, unless it has expired.
    pub(crate) fn from_cookie(value: &str, now: Timestamp) -> Option<Self> {
        let (secret, begun_at) = value.split_once(SEPARATOR)?;
        let begun_at = Timestamp::from_ms(begun_at.parse().ok()?).ok()?;
        let age_ms = now.since(begun_at).as_ms();
        // The clock of another server may be ahead of this one.
        let is_valid = (-CLOCK_DIFFERENCE_MS_MAX..PENDING_LIFE_MS).contains(&age_ms);
        is_valid.then(|| Self { secret: Token::from_client(secret), begun_at })
    }

    /// What comes back from the provider through the browser.
    pub(crate) fn state(&self) -> String {
        self.derive("state")
    }

    /// What the provider puts into the ID token.
    pub(super) fn nonce(&self) -> Nonce {
        Nonce::new(self.derive("nonce"))
    }

    /// What proves to the provider that the code comes from where the sign-in began (RFC 7636).
    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.derive("verifier"))
    }

    /// 256 bits that do not reveal the secret, or those for another purpose.
    fn derive(&self, purpose: &str) -> String {
        let text = format!("{purpose}{SEPARATOR}{}", self.to_cookie());
        URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingSignIn(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    #[test]
    fn a_sign_in_continues_from_its_cookie_until_it_expires() {
        let begun = 1_700_000_000_000;
        let pending = PendingSignIn::begin(at(begun)).unwrap();
        let cookie = pending.to_cookie();
        let read = |ms| PendingSignIn::from_cookie(&cookie, at(begun + ms));
        assert_eq!(read(PENDING_LIFE_MS - 1), Some(pending.clone()));
        assert_eq!(read(-CLOCK_DIFFERENCE_MS_MAX), Some(pending));
        assert_eq!(read(PENDING_LIFE_MS), None);
        assert_eq!(read(-CLOCK_DIFFERENCE_MS_MAX - 1), None);
        for bad in ["", ".", "secret", "secret.", "secret.x", "secret.99999999999999999999"] {
            assert_eq!(PendingSignIn::from_cookie(bad, at(begun)), None, "{bad}");
        }
    }

    #[test]
    fn what_the_provider_sees_depends_on_the_whole_cookie_and_reveals_nothing() {
        let pending = PendingSignIn::begin(at(0)).unwrap();
        let derived =
            [pending.state(), pending.nonce().secret().clone(), pending.verifier().into_secret()];
        assert_ne!(derived[0], derived[1]);
        assert_ne!(derived[1], derived[2]);
        let cookie = pending.to_cookie();
        assert!(derived.iter().all(|text| text.len() == 43 && !cookie.contains(text)));
        let later = PendingSignIn { begun_at: at(1), ..pending.clone() };
        assert_ne!(later.state(), pending.state());
        assert!(!format!("{pending:?}").contains(&cookie));
    }
}
