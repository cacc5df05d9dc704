//! Limits attempts per client address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use wizitime_domain::Timestamp;

/// Failed attempts within [`WINDOW_MS`] after which more are refused.
pub const ATTEMPTS_MAX: u32 = 10;
/// The window of failed attempts: five minutes.
pub const WINDOW_MS: i64 = 5 * 60 * 1_000;
/// Accounts that one address may create within [`SIGN_UPS_WINDOW_MS`]. A school or a company may
/// share one address.
pub const SIGN_UPS_MAX: u32 = 30;
/// The window of sign-ups: one hour.
pub const SIGN_UPS_WINDOW_MS: i64 = 60 * 60 * 1_000;
/// The largest number of keys in memory; over it, the oldest is evicted.
const KEYS_MAX: usize = 10_000;

/// The client address, and the subject of the attempt, such as an account.
type Key = (IpAddr, String);

#[derive(Clone, Copy, Debug)]
struct Attempts {
    since: Timestamp,
    count: u32,
}

/// Counts attempts in a fixed window, per client address and subject.
#[derive(Debug)]
pub struct AttemptLimiter {
    max: u32,
    window_ms: i64,
    attempts: Mutex<BTreeMap<Key, Attempts>>,
}

impl AttemptLimiter {
    /// For passwords: [`ATTEMPTS_MAX`] within [`WINDOW_MS`].
    pub const fn for_passwords() -> Self {
        Self { max: ATTEMPTS_MAX, window_ms: WINDOW_MS, attempts: Mutex::new(BTreeMap::new()) }
    }

    /// For new accounts: [`SIGN_UPS_MAX`] within [`SIGN_UPS_WINDOW_MS`].
    pub const fn for_sign_ups() -> Self {
        let (max, window_ms) = (SIGN_UPS_MAX, SIGN_UPS_WINDOW_MS);
        Self { max, window_ms, attempts: Mutex::new(BTreeMap::new()) }
    }

    /// Counts an attempt before it is made, so that concurrent attempts cannot exceed the limit.
    /// After a success call [`AttemptLimiter::reset`].
    ///
    /// # Errors
    /// The milliseconds until the window ends, if the limit is reached.
    pub fn check(&self, address: IpAddr, subject: &str, now: Timestamp) -> Result<(), i64> {
        let mut all = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address, subject.to_owned());
        if !all.contains_key(&key) && all.len() >= KEYS_MAX {
            self.evict(&mut all, now);
        }
        let attempts = all.entry(key).or_insert(Attempts { since: now, count: 0 });
        if self.is_expired(attempts, now) {
            *attempts = Attempts { since: now, count: 0 };
        }
        if attempts.count >= self.max {
            return Err(self.window_ms - now.since(attempts.since).as_ms());
        }
        attempts.count += 1;
        Ok(())
    }

    /// Forgets the attempts of this address on this subject, after a success.
    pub fn reset(&self, address: IpAddr, subject: &str) {
        let mut all = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(address, subject.to_owned()));
    }

    fn is_expired(&self, attempts: &Attempts, now: Timestamp) -> bool {
        // A negative age (the clock was set back) also expires, so no lockout exceeds the window.
        !(0..self.window_ms).contains(&now.since(attempts.since).as_ms())
    }

    /// Removes expired keys, or the oldest if none is expired.
    fn evict(&self, all: &mut BTreeMap<Key, Attempts>, now: Timestamp) {
        all.retain(|_, attempts| !self.is_expired(attempts, now));
        if all.len() >= KEYS_MAX {
            let oldest = all.iter().min_by_key(|(_, attempts)| attempts.since);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                all.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(number))
    }

    #[test]
    fn attempts_over_the_limit_wait_for_the_end_of_the_window() {
        let limiter = AttemptLimiter::for_passwords();
        let email = "a@example.org";
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(limiter.check(address(1), email, at(1_000)), Ok(()));
        }
        assert_eq!(limiter.check(address(1), email, at(2_000)), Err(WINDOW_MS - 1_000));
        assert_eq!(limiter.check(address(2), email, at(2_000)), Ok(()), "another address");
        let other = "b@example.org";
        assert_eq!(limiter.check(address(1), other, at(2_000)), Ok(()), "another account");
        assert_eq!(limiter.check(address(1), email, at(1_000 + WINDOW_MS)), Ok(()));
        limiter.reset(address(1), email);
        assert!(limiter.check(address(1), email, at(1_000 + WINDOW_MS)).is_ok());
    }

    #[test]
    fn oldest_key_is_evicted_over_the_limit() {
        let limiter = AttemptLimiter::for_passwords();
        let email = "a@example.org";
        for number in 0..=u32::try_from(KEYS_MAX).unwrap() {
            limiter.check(address(number), email, at(i64::from(number))).unwrap();
        }
        let all = limiter.attempts.lock().unwrap();
        assert_eq!(all.len(), KEYS_MAX);
        assert!(
            !all.contains_key(&(address(0), "a@example.org".to_owned())),
            "the oldest was evicted"
        );
    }
}
