//! Limits wrong passwords: of an address at one account, and of an address at all accounts.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use wizitime_domain::Timestamp;

use super::attempt_limiter::{ACCOUNT_LIMIT, ADDRESS_LIMIT, Attempt, AttemptLimiter};
use super::email::Email;

/// The limits of one server. Servers that share a database also share
/// [`Storage::count_wrong_password`](crate::storage::Storage::count_wrong_password).
#[derive(Debug)]
pub struct PasswordLimiter {
    at_account: AttemptLimiter,
    at_all_accounts: AttemptLimiter,
}

/// A password that is being verified. Unless it is found to be wrong, it is not counted.
#[derive(Debug)]
#[must_use]
pub struct PasswordAttempt<'a> {
    at_account: Attempt<'a>,
    /// None for a loopback address, which all clients have behind a local proxy that is not in
    /// `trusted_proxies`.
    at_all_accounts: Option<Attempt<'a>>,
}

/// Who tries a password, and where, as the servers of a database share it.
#[derive(Clone, Debug)]
pub struct PasswordAttemptKey {
    pub(crate) address: String,
    /// The SHA-256 of the email.
    pub(crate) account: [u8; 32],
    /// Whether the address is limited at all accounts as well.
    pub(crate) is_address_limited: bool,
}

impl PasswordAttemptKey {
    /// The key of a client address and an account, which may not exist.
    pub fn new(address: IpAddr, email: &Email) -> Self {
        Self {
            address: address.to_string(),
            account: Sha256::digest(email.as_str().as_bytes()).into(),
            is_address_limited: is_limited(address),
        }
    }
}

impl PasswordAttempt<'_> {
    /// The password is wrong: counts it.
    pub fn wrong(self) {
        self.at_account.keep();
        if let Some(attempt) = self.at_all_accounts {
            attempt.keep();
        }
    }

    /// The password is right: forgets the wrong ones of this address at this account. Those at all
    /// accounts stay, because an attacker may have an account as well.
    pub fn right(self) {
        self.at_account.reset();
    }
}

impl PasswordLimiter {
    /// Without attempts.
    pub const fn new() -> Self {
        Self {
            at_account: AttemptLimiter::new(ACCOUNT_LIMIT),
            at_all_accounts: AttemptLimiter::new(ADDRESS_LIMIT),
        }
    }

    /// Begins to verify a password.
    ///
    /// # Errors
    /// The milliseconds to wait, if a limit is reached.
    pub fn begin(
        &self,
        address: IpAddr,
        email: &Email,
        now: Timestamp,
    ) -> Result<PasswordAttempt<'_>, i64> {
        let at_account = self.at_account.begin(address, email.as_str(), now)?;
        let at_all_accounts = self.at_all_accounts.begin_of_address(address, "", now)?;
        Ok(PasswordAttempt { at_account, at_all_accounts })
    }
}

impl Default for PasswordLimiter {
    fn default() -> Self {
        Self::new()
    }
}

const fn is_limited(address: IpAddr) -> bool {
    !address.is_loopback()
}
