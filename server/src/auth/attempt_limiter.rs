//! Limits attempts per client address, in the memory of one server.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wizitime_domain::Timestamp;

/// Wrong passwords of an address at one account: ten within five minutes.
pub const ACCOUNT_LIMIT: AttemptLimit = AttemptLimit { max: 10, window_ms: 5 * 60 * 1_000 };
/// Wrong passwords of an address at all accounts, so that one password cannot be tried at many.
/// A school or a company may share one address.
pub const ADDRESS_LIMIT: AttemptLimit = AttemptLimit { max: 100, window_ms: 60 * 60 * 1_000 };
/// Accounts that an address may create.
pub const SIGN_UP_LIMIT: AttemptLimit = AttemptLimit { max: 30, window_ms: 60 * 60 * 1_000 };
/// Requests of an address to each endpoint of a sign-in with a provider. A company may share one
/// address, and every request of the server to the provider has one of these as its cause.
pub const OIDC_LIMIT: AttemptLimit = AttemptLimit { max: 100, window_ms: 5 * 60 * 1_000 };
/// How far the clocks of servers that share a database may differ.
pub const CLOCK_DIFFERENCE_MS_MAX: i64 = 60 * 1_000;
/// The largest number of keys in memory.
const KEYS_MAX: usize = 10_000;

/// The client address, and the subject of the attempt, such as an account.
type Key = (IpAddr, String);

/// How many attempts there may be in a window, which begins with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// After this number, attempts are refused until the window ends.
    pub max: u32,
    /// The length of the window.
    pub window_ms: i64,
}

/// Attempts in the window that began at `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// When the window began.
    pub since: Timestamp,
    /// In memory, attempts in progress are included: concurrent ones cannot exceed the limit.
    pub count: u32,
}

impl AttemptLimit {
    /// Whether the window of these attempts is over.
    pub const fn is_over(self, attempts: Attempts, now: Timestamp) -> bool {
        let age_ms = now.since(attempts.since).as_ms();
        // A negative age (the clock was set back) also ends it, so no lockout exceeds the window.
        age_ms < 0 || age_ms >= self.window_ms
    }

    /// The milliseconds until the window ends, if no more attempts are allowed in it.
    pub const fn wait_ms(self, attempts: Attempts, now: Timestamp) -> Option<i64> {
        if self.is_over(attempts, now) || attempts.count < self.max {
            return None;
        }
        Some(self.window_ms - now.since(attempts.since).as_ms())
    }
}

/// Counts attempts in a fixed window, per client address and subject.
#[derive(Debug)]
pub struct AttemptLimiter {
    limit: AttemptLimit,
    attempts: Mutex<BTreeMap<Key, Attempts>>,
}

/// An attempt in progress. Unless it is kept, it is not counted: the database may have failed, or
/// the client may have gone.
#[derive(Debug)]
#[must_use]
pub struct Attempt<'a> {
    limiter: &'a AttemptLimiter,
    key: Key,
    /// The window in which it is counted.
    since: Timestamp,
    is_kept: bool,
}

impl Attempt<'_> {
    /// Counts the attempt until its window ends.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    /// Forgets the attempts of this address on this subject, after a success.
    pub fn reset(mut self) {
        self.is_kept = true;
        self.limiter.lock().remove(&self.key);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let mut all = self.limiter.lock();
        let Some(attempts) = all.get_mut(&self.key).filter(|it| it.since == self.since) else {
            return;
        };
        attempts.count = attempts.count.saturating_sub(1);
        if attempts.count == 0 {
            all.remove(&self.key);
        }
    }
}

impl AttemptLimiter {
    /// Without attempts.
    pub const fn new(limit: AttemptLimit) -> Self {
        Self { limit, attempts: Mutex::new(BTreeMap::new()) }
    }

    /// Begins an attempt that counts for the address alone. None for a loopback address, which is
    /// not limited: behind a local proxy that is not in `trusted_proxies`, all clients have it.
    ///
    /// # Errors
    /// The milliseconds until the window ends, if the limit is reached.
    pub fn begin_of_address(
        &self,
        address: IpAddr,
        subject: &str,
        now: Timestamp,
    ) -> Result<Option<Attempt<'_>>, i64> {
        (!address.is_loopback()).then(|| self.begin(address, subject, now)).transpose()
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// The milliseconds until the window ends, if the limit is reached.
    pub fn begin(
        &self,
        address: IpAddr,
        subject: &str,
        now: Timestamp,
    ) -> Result<Attempt<'_>, i64> {
        let mut all = self.lock();
        let key = (address, subject.to_owned());
        if !all.contains_key(&key) && all.len() >= KEYS_MAX {
            self.evict(&mut all, now);
        }
        let attempts = all.entry(key.clone()).or_insert(Attempts { since: now, count: 0 });
        if self.limit.is_over(*attempts, now) {
            *attempts = Attempts { since: now, count: 0 };
        }
        if let Some(wait_ms) = self.limit.wait_ms(*attempts, now) {
            return Err(wait_ms);
        }
        attempts.count += 1;
        Ok(Attempt { limiter: self, key, since: attempts.since, is_kept: false })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Attempts>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes expired keys, or else the one with the fewest attempts, the oldest of these. A key
    /// at its limit goes last: filling the table with those costs an attacker ten attempts each.
    fn evict(&self, all: &mut BTreeMap<Key, Attempts>, now: Timestamp) {
        all.retain(|_, attempts| !self.limit.is_over(*attempts, now));
        if all.len() >= KEYS_MAX {
            let least = all.iter().min_by_key(|(_, attempts)| (attempts.count, attempts.since));
            if let Some(key) = least.map(|(key, _)| key.clone()) {
                all.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const EMAIL: &str = "a@example.org";

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(number))
    }

    fn fail(limiter: &AttemptLimiter, address: IpAddr, email: &str, now: Timestamp) {
        limiter.begin(address, email, now).unwrap().keep();
    }

    /// How long the next attempt has to wait.
    fn wait(limiter: &AttemptLimiter, address: IpAddr, email: &str, now: Timestamp) -> i64 {
        limiter.begin(address, email, now).err().unwrap_or(0)
    }

    #[test]
    fn attempts_over_the_limit_wait_for_the_end_of_the_window() {
        let limiter = AttemptLimiter::new(ACCOUNT_LIMIT);
        for _ in 0..ACCOUNT_LIMIT.max {
            fail(&limiter, address(1), EMAIL, at(1_000));
        }
        assert_eq!(wait(&limiter, address(1), EMAIL, at(2_000)), ACCOUNT_LIMIT.window_ms - 1_000);
        assert_eq!(wait(&limiter, address(2), EMAIL, at(2_000)), 0, "another address");
        assert_eq!(wait(&limiter, address(1), "b@example.org", at(2_000)), 0, "another account");
        assert_eq!(wait(&limiter, address(1), EMAIL, at(1_000 + ACCOUNT_LIMIT.window_ms)), 0);
    }

    #[test]
    fn a_success_forgets_earlier_failures() {
        let limiter = AttemptLimiter::new(ACCOUNT_LIMIT);
        for _ in 1..ACCOUNT_LIMIT.max {
            fail(&limiter, address(1), EMAIL, at(0));
        }
        limiter.begin(address(1), EMAIL, at(0)).unwrap().reset();
        assert!(limiter.lock().is_empty());
    }

    #[test]
    fn attempts_in_progress_count_and_unfinished_ones_do_not() {
        let limiter = AttemptLimiter::new(ACCOUNT_LIMIT);
        let begin = || limiter.begin(address(1), EMAIL, at(0));
        let in_progress: Vec<_> = (0..ACCOUNT_LIMIT.max).map(|_| begin().unwrap()).collect();
        assert_eq!(begin().err(), Some(ACCOUNT_LIMIT.window_ms));
        drop(in_progress);
        assert!(limiter.lock().is_empty(), "nothing is left of unfinished attempts");
    }

    #[test]
    fn an_attempt_of_a_previous_window_leaves_the_next_one_alone() {
        let limiter = AttemptLimiter::new(ACCOUNT_LIMIT);
        let slow = limiter.begin(address(1), EMAIL, at(0)).unwrap();
        fail(&limiter, address(1), EMAIL, at(ACCOUNT_LIMIT.window_ms));
        drop(slow);
        assert_eq!(limiter.lock()[&(address(1), EMAIL.to_owned())].count, 1);
    }

    #[test]
    fn a_full_table_keeps_the_keys_at_their_limit() {
        let limiter = AttemptLimiter::new(ACCOUNT_LIMIT);
        for _ in 0..ACCOUNT_LIMIT.max {
            fail(&limiter, address(0), EMAIL, at(0));
        }
        for number in 1..=u32::try_from(KEYS_MAX).unwrap() {
            fail(&limiter, address(number), EMAIL, at(i64::from(number)));
        }
        assert_eq!(limiter.lock().len(), KEYS_MAX);
        assert!(!limiter.lock().contains_key(&(address(1), EMAIL.to_owned())), "it was evicted");
        assert!(wait(&limiter, address(0), EMAIL, at(20_000)) > 0);
    }
}
