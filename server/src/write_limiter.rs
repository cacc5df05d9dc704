//! Limits what an account writes: the bytes of a minute, and the bytes of its whole log.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wizitime_domain::{Timestamp, UserId};
use wizitime_protocol::messages::{BulkError, Reason};

/// Accounts in memory. One that is evicted begins with a full allowance, and its log is measured
/// again.
const ACCOUNTS_MAX: usize = 10_000;
/// After this time the log of an account is measured again: other servers append to it as well.
const MEASURED_FOR_MS: i64 = 10 * 60 * 1_000;
/// `retry_after_ms` of an account whose log is full. Only the operator can change that.
const QUOTA_RETRY_AFTER_MS: u64 = 10 * 60 * 1_000;
const MINUTE_MS: u64 = 60_000;

/// What an account may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteLimits {
    /// Bytes of BULK_EVENT payloads within a minute. An account that was idle may send all of them
    /// at once.
    pub bytes_per_minute: u64,
    /// Bytes of the events in its log.
    pub log_bytes: u64,
}

impl Default for WriteLimits {
    /// An import of 100,000 entries, about 50 MB, fits into a minute; 1 GB is a log of 20 of them.
    fn default() -> Self {
        Self { bytes_per_minute: 60_000_000, log_bytes: 1_000_000_000 }
    }
}

/// What the accounts of one server wrote.
#[derive(Debug)]
pub(crate) struct WriteLimiter {
    limits: WriteLimits,
    accounts: Mutex<BTreeMap<UserId, Account>>,
}

#[derive(Clone, Copy, Debug)]
struct Account {
    /// Bytes that it may still write, at the instant `at`. Grows up to the bytes of a minute.
    allowance_bytes: u64,
    at: Timestamp,
    /// The size of its log, and when it was measured.
    log: Option<(u64, Timestamp)>,
}

impl WriteLimiter {
    /// Without accounts.
    pub(crate) fn new(limits: WriteLimits) -> Self {
        Self { limits, accounts: Mutex::default() }
    }

    /// Takes the bytes of a batch from the allowance of an account.
    ///
    /// # Errors
    /// The reply to the client, if the allowance is too small.
    pub(crate) fn take(&self, user: UserId, bytes: u64, now: Timestamp) -> Result<(), BulkError> {
        let max = self.limits.bytes_per_minute;
        let mut accounts = self.lock();
        if !accounts.contains_key(&user) && accounts.len() >= ACCOUNTS_MAX {
            evict(&mut accounts, now);
        }
        let account =
            accounts.entry(user).or_insert(Account { allowance_bytes: max, at: now, log: None });
        let elapsed_ms = u64::try_from(now.since(account.at).as_ms()).unwrap_or(0).min(MINUTE_MS);
        let earned = max.saturating_mul(elapsed_ms) / MINUTE_MS;
        account.allowance_bytes = account.allowance_bytes.saturating_add(earned).min(max);
        account.at = now;
        // A batch that is larger than the allowance of a minute needs all of it.
        let needed = bytes.min(max);
        if account.allowance_bytes < needed {
            let missing = needed - account.allowance_bytes;
            let wait_ms = missing.saturating_mul(MINUTE_MS) / max.max(1) + 1;
            return Err(refused(Reason::TooFast, wait_ms));
        }
        account.allowance_bytes -= needed;
        Ok(())
    }

    /// How many bytes the log of an account can still grow; None if the log has to be measured.
    pub(crate) fn room_bytes(&self, user: UserId, now: Timestamp) -> Option<u64> {
        let (log_bytes, measured_at) = self.lock().get(&user)?.log?;
        let age_ms = now.since(measured_at).as_ms();
        (0..MEASURED_FOR_MS)
            .contains(&age_ms)
            .then(|| self.limits.log_bytes.saturating_sub(log_bytes))
    }

    /// The log of an account has this size. Returns how many bytes it can still grow.
    pub(crate) fn measured(&self, user: UserId, log_bytes: u64, now: Timestamp) -> u64 {
        if let Some(account) = self.lock().get_mut(&user) {
            account.log = Some((log_bytes, now));
        }
        self.limits.log_bytes.saturating_sub(log_bytes)
    }

    /// The log of an account has grown.
    pub(crate) fn appended(&self, user: UserId, bytes: u64) {
        if let Some((log_bytes, _)) =
            self.lock().get_mut(&user).and_then(|account| account.log.as_mut())
        {
            *log_bytes = log_bytes.saturating_add(bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<UserId, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reply to a batch for which the log has no room.
pub(crate) fn quota_exceeded() -> BulkError {
    refused(Reason::Quota, QUOTA_RETRY_AFTER_MS)
}

fn refused(reason: Reason, retry_after_ms: u64) -> BulkError {
    BulkError { retry_after_ms: Some(retry_after_ms), ..BulkError::because(reason) }
}

/// Removes the accounts that were idle for a minute, or else the one that was idle for longest.
fn evict(accounts: &mut BTreeMap<UserId, Account>, now: Timestamp) {
    let is_recent = |account: &Account| now.since(account.at).as_ms().unsigned_abs() < MINUTE_MS;
    accounts.retain(|_, account| is_recent(account));
    if accounts.len() >= ACCOUNTS_MAX {
        let oldest = accounts.iter().min_by_key(|(_, account)| account.at);
        if let Some(user) = oldest.map(|(user, _)| *user) {
            accounts.remove(&user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = MINUTE_MS as i64;
    const LIMITS: WriteLimits = WriteLimits { bytes_per_minute: 6_000, log_bytes: 10_000 };

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    fn user(number: u32) -> UserId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        UserId::from_bytes(bytes)
    }

    fn wait_ms(result: Result<(), BulkError>) -> u64 {
        let error = result.unwrap_err();
        assert_eq!(error.reason, Reason::TooFast);
        error.retry_after_ms.unwrap()
    }

    #[test]
    fn an_account_writes_the_bytes_of_a_minute_and_then_waits() {
        let limiter = WriteLimiter::new(LIMITS);
        let take = |bytes, ms| limiter.take(user(1), bytes, at(MINUTE + ms));
        take(4_000, 0).unwrap();
        take(2_000, 0).unwrap();
        let wait = wait_ms(take(500, 0));
        assert_eq!(wait, 5_001);
        limiter.take(user(2), 6_000, at(0)).unwrap();
        take(500, 5_001).unwrap();
        assert!(wait_ms(take(500, 5_001)) > 0);
        // A clock that was set back earns nothing, and does not lock the account.
        assert!(wait_ms(take(500, -MINUTE)) <= 5_001);
        take(6_000, 0).unwrap();
    }

    #[test]
    fn a_batch_above_the_allowance_of_a_minute_is_accepted_after_a_minute() {
        let limiter = WriteLimiter::new(LIMITS);
        limiter.take(user(1), 50_000, at(0)).unwrap();
        assert_eq!(wait_ms(limiter.take(user(1), 50_000, at(0))), 60_001);
        limiter.take(user(1), 50_000, at(60_000)).unwrap();
    }

    #[test]
    fn room_of_a_log_is_measured_again_after_a_time() {
        let limiter = WriteLimiter::new(LIMITS);
        limiter.take(user(1), 1, at(0)).unwrap();
        assert_eq!(limiter.room_bytes(user(1), at(0)), None);
        assert_eq!(limiter.measured(user(1), 9_000, at(0)), 1_000);
        assert_eq!(limiter.room_bytes(user(1), at(1)), Some(1_000));
        limiter.appended(user(1), 1_500);
        assert_eq!(limiter.room_bytes(user(1), at(1)), Some(0));
        assert_eq!(limiter.room_bytes(user(1), at(MEASURED_FOR_MS)), None);
        assert_eq!(limiter.room_bytes(user(2), at(0)), None);
    }

    #[test]
    fn the_number_of_accounts_in_memory_is_bounded() {
        let limiter = WriteLimiter::new(LIMITS);
        for number in 0..=u32::try_from(ACCOUNTS_MAX).unwrap() {
            limiter.take(user(number), 6_000, at(i64::from(number))).unwrap();
        }
        assert_eq!(limiter.lock().len(), ACCOUNTS_MAX);
        // The one that was idle for longest was evicted.
        limiter.take(user(0), 6_000, at(20_000)).unwrap();
        assert!(limiter.take(user(9_000), 6_000, at(20_000)).is_err());
    }
}
