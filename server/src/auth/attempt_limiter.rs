//! Limits attempts per client address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
/// The largest number of keys in memory.
const KEYS_MAX: usize = 10_000;

/// The client address, and the subject of the attempt, such as an account.
type Key = (IpAddr, String);

#[derive(Clone, Copy, Debug)]
struct Attempts {
    since: Timestamp,
    /// Includes attempts in progress, so that concurrent attempts cannot exceed the limit.
    count: u32,
}

/// Counts attempts in a fixed window, per client address and subject.
#[derive(Debug)]
pub struct AttemptLimiter {
    max: u32,
    window_ms: i64,
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
    /// For passwords: [`ATTEMPTS_MAX`] within [`WINDOW_MS`].
    pub const fn for_passwords() -> Self {
        Self { max: ATTEMPTS_MAX, window_ms: WINDOW_MS, attempts: Mutex::new(BTreeMap::new()) }
    }

    /// For new accounts: [`SIGN_UPS_MAX`] within [`SIGN_UPS_WINDOW_MS`].
    pub const fn for_sign_ups() -> Self {
        let (max, window_ms) = (SIGN_UPS_MAX, SIGN_UPS_WINDOW_MS);
        Self { max, window_ms, attempts: Mutex::new(BTreeMap::new()) }
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
        if self.is_expired(attempts, now) {
            *attempts = Attempts { since: now, count: 0 };
        }
        if attempts.count >= self.max {
            return Err(self.window_ms - now.since(attempts.since).as_ms());
        }
        attempts.count += 1;
        Ok(Attempt { limiter: self, key, since: attempts.since, is_kept: false })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Attempts>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_expired(&self, attempts: &Attempts, now: Timestamp) -> bool {
        // A negative age (the clock was set back) also expires, so no lockout exceeds the window.
        !(0..self.window_ms).contains(&now.since(attempts.since).as_ms())
    }

    /// Removes expired keys, or else the one with the fewest attempts, the oldest of these. A key
    /// at its limit goes last: filling the table with those costs an attacker ten attempts each.
    fn evict(&self, all: &mut BTreeMap<Key, Attempts>, now: Timestamp) {
        all.retain(|_, attempts| !self.is_expired(attempts, now));
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
        let limiter = AttemptLimiter::for_passwords();
        for _ in 0..ATTEMPTS_MAX {
            fail(&limiter, address(1), EMAIL, at(1_000));
        }
        assert_eq!(wait(&limiter, address(1), EMAIL, at(2_000)), WINDOW_MS - 1_000);
        assert_eq!(wait(&limiter, address(2), EMAIL, at(2_000)), 0, "another address");
        assert_eq!(wait(&limiter, address(1), "b@example.org", at(2_000)), 0, "another account");
        assert_eq!(wait(&limiter, address(1), EMAIL, at(1_000 + WINDOW_MS)), 0);
    }

    #[test]
    fn a_success_forgets_earlier_failures() {
        let limiter = AttemptLimiter::for_passwords();
        for _ in 1..ATTEMPTS_MAX {
            fail(&limiter, address(1), EMAIL, at(0));
        }
        limiter.begin(address(1), EMAIL, at(0)).unwrap().reset();
        assert!(limiter.lock().is_empty());
    }

    #[test]
    fn attempts_in_progress_count_and_unfinished_ones_do_not() {
        let limiter = AttemptLimiter::for_passwords();
        let begin = || limiter.begin(address(1), EMAIL, at(0));
        let in_progress: Vec<_> = (0..ATTEMPTS_MAX).map(|_| begin().unwrap()).collect();
        assert_eq!(begin().err(), Some(WINDOW_MS));
        drop(in_progress);
        assert!(limiter.lock().is_empty(), "nothing is left of unfinished attempts");
    }

    #[test]
    fn an_attempt_of_a_previous_window_leaves_the_next_one_alone() {
        let limiter = AttemptLimiter::for_passwords();
        let slow = limiter.begin(address(1), EMAIL, at(0)).unwrap();
        fail(&limiter, address(1), EMAIL, at(WINDOW_MS));
        drop(slow);
        assert_eq!(limiter.lock()[&(address(1), EMAIL.to_owned())].count, 1);
    }

    #[test]
    fn a_full_table_keeps_the_keys_at_their_limit() {
        let limiter = AttemptLimiter::for_passwords();
        for _ in 0..ATTEMPTS_MAX {
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
