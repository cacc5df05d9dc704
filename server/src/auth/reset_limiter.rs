//! Limits requests for a mail with a set-password link. They count for accounts that do not exist
//! as well, so that a refusal tells nothing.

use std::net::{IpAddr, Ipv6Addr};

use wizitime_domain::Timestamp;

use super::attempt_limiter::{Attempt, AttemptLimit, AttemptLimiter};
use super::email::Email;

/// Mails to one account: three within an hour. The link of the last one is still valid when no
/// further one can be requested.
pub const RESET_ACCOUNT_LIMIT: AttemptLimit = AttemptLimit { max: 3, window_ms: 60 * 60 * 1_000 };
/// Requests of an address. A school or a company may share one.
pub const RESET_ADDRESS_LIMIT: AttemptLimit = AttemptLimit { max: 20, window_ms: 60 * 60 * 1_000 };
/// Requests of all addresses, so that the mail server does not take this one for a source of spam.
pub const RESET_TOTAL_LIMIT: AttemptLimit = AttemptLimit { max: 300, window_ms: 60 * 60 * 1_000 };
/// The key of requests of all addresses.
const ALL: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The limits of one server.
#[derive(Debug)]
pub struct ResetLimiter {
    of_account: AttemptLimiter,
    of_address: AttemptLimiter,
    of_all: AttemptLimiter,
}

impl ResetLimiter {
    /// Without requests.
    pub const fn new() -> Self {
        Self {
            of_account: AttemptLimiter::new(RESET_ACCOUNT_LIMIT),
            of_address: AttemptLimiter::new(RESET_ADDRESS_LIMIT),
            of_all: AttemptLimiter::new(RESET_TOTAL_LIMIT),
        }
    }

    /// Counts a request, unless a limit is reached.
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn take(&self, address: IpAddr, email: &Email, now: Timestamp) -> Result<(), i64> {
        let of_address = self.of_address.begin_of_address(address, "", now)?;
        let of_account = self.of_account.begin(ALL, email.as_str(), now)?;
        let of_all = self.of_all.begin(ALL, "", now)?;
        of_address.into_iter().chain([of_account, of_all]).for_each(Attempt::keep);
        Ok(())
    }
}

impl Default for ResetLimiter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW_MS: i64 = 60 * 60 * 1_000;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 + number).into())
    }

    fn take(limiter: &ResetLimiter, client: u32, account: u32, at: i64) -> Result<(), i64> {
        let email = Email::parse(&format!("{account}@nas")).unwrap();
        limiter.take(address(client), &email, Timestamp::from_ms(at).unwrap())
    }

    #[test]
    fn requests_are_limited_per_account_per_address_and_in_total() {
        let limiter = ResetLimiter::new();
        for client in 0..RESET_ACCOUNT_LIMIT.max {
            take(&limiter, client, 0, 0).unwrap();
        }
        assert_eq!(take(&limiter, 99, 0, 1_000), Err(WINDOW_MS - 1_000), "of all addresses");
        take(&limiter, 99, 0, WINDOW_MS).unwrap();

        let limiter = ResetLimiter::new();
        for account in 0..RESET_ADDRESS_LIMIT.max {
            take(&limiter, 1, account, 0).unwrap();
        }
        assert_eq!(take(&limiter, 1, 99, 0), Err(WINDOW_MS));
        take(&limiter, 2, 99, 0).unwrap();

        let limiter = ResetLimiter::new();
        for number in 0..RESET_TOTAL_LIMIT.max {
            take(&limiter, number, number, 0).unwrap();
        }
        assert_eq!(take(&limiter, 9_999, 9_999, 0), Err(WINDOW_MS));
    }

    #[test]
    fn refused_requests_are_not_counted() {
        let limiter = ResetLimiter::new();
        for client in 0..RESET_TOTAL_LIMIT.max {
            let _ = take(&limiter, client, 0, 0);
        }
        take(&limiter, 99, 1, 0).unwrap();
    }
}
