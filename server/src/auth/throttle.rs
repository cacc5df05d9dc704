//! How often one address may try something.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use wizitime_domain::Timestamp;

/// Failed attempts within [`WINDOW_MS`] after which an address has to wait.
pub const ATTEMPTS_MAX: u32 = 10;
/// How long failed attempts count, in milliseconds.
pub const WINDOW_MS: i64 = 5 * 60 * 1_000;
/// Accounts that may be made from one address within [`SIGN_UPS_WINDOW_MS`]. Whole schools and
/// companies share one.
pub const SIGN_UPS_MAX: u32 = 30;
/// How long a new account counts: an hour, in milliseconds.
pub const SIGN_UPS_WINDOW_MS: i64 = 60 * 60 * 1_000;
/// The most pairs of address and account that are remembered.
const PAIRS_MAX: usize = 10_000;

type Pair = (IpAddr, String);

#[derive(Clone, Copy, Debug)]
struct Attempts {
    since: Timestamp,
    count: u32,
}

/// Counts attempts for each pair of an address and what is tried, such as an account.
#[derive(Debug)]
pub struct Throttle {
    max: u32,
    window_ms: i64,
    pairs: Mutex<BTreeMap<Pair, Attempts>>,
}

impl Throttle {
    /// For passwords: [`ATTEMPTS_MAX`] within [`WINDOW_MS`].
    pub const fn of_passwords() -> Self {
        Self { max: ATTEMPTS_MAX, window_ms: WINDOW_MS, pairs: Mutex::new(BTreeMap::new()) }
    }

    /// For new accounts: [`SIGN_UPS_MAX`] within [`SIGN_UPS_WINDOW_MS`].
    pub const fn of_sign_ups() -> Self {
        let (max, window_ms) = (SIGN_UPS_MAX, SIGN_UPS_WINDOW_MS);
        Self { max, window_ms, pairs: Mutex::new(BTreeMap::new()) }
    }

    /// Counts an attempt before it is made, so that many at once cannot slip through. A success
    /// takes it back with [`Throttle::forgive`].
    ///
    /// # Errors
    /// The milliseconds to wait, if there were too many.
    pub fn attempt(&self, address: IpAddr, what: &str, now: Timestamp) -> Result<(), i64> {
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (address, what.to_owned());
        if !pairs.contains_key(&pair) && pairs.len() >= PAIRS_MAX {
            self.make_room(&mut pairs, now);
        }
        let attempts = pairs.entry(pair).or_insert(Attempts { since: now, count: 0 });
        if self.expired(attempts, now) {
            *attempts = Attempts { since: now, count: 0 };
        }
        if attempts.count >= self.max {
            return Err(self.window_ms - now.since(attempts.since).as_ms());
        }
        attempts.count += 1;
        Ok(())
    }

    /// An attempt succeeded: its address is forgiven the earlier ones.
    pub fn forgive(&self, address: IpAddr, what: &str) {
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.remove(&(address, what.to_owned()));
    }

    fn expired(&self, attempts: &Attempts, now: Timestamp) -> bool {
        // A clock that was set back must not lock anybody out for longer than the window.
        !(0..self.window_ms).contains(&now.since(attempts.since).as_ms())
    }

    fn make_room(&self, pairs: &mut BTreeMap<Pair, Attempts>, now: Timestamp) {
        pairs.retain(|_, attempts| !self.expired(attempts, now));
        if pairs.len() >= PAIRS_MAX {
            let oldest = pairs.iter().min_by_key(|(_, attempts)| attempts.since);
            if let Some(pair) = oldest.map(|(pair, _)| pair.clone()) {
                pairs.remove(&pair);
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
    fn ten_failures_cost_the_rest_of_the_window() {
        let throttle = Throttle::of_passwords();
        let email = "a@example.org";
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(throttle.attempt(address(1), email, at(1_000)), Ok(()));
        }
        assert_eq!(throttle.attempt(address(1), email, at(2_000)), Err(WINDOW_MS - 1_000));
        assert_eq!(throttle.attempt(address(2), email, at(2_000)), Ok(()), "another address");
        let other = "b@example.org";
        assert_eq!(throttle.attempt(address(1), other, at(2_000)), Ok(()), "another account");
        assert_eq!(throttle.attempt(address(1), email, at(1_000 + WINDOW_MS)), Ok(()));
        throttle.forgive(address(1), email);
        assert!(throttle.attempt(address(1), email, at(1_000 + WINDOW_MS)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::of_passwords();
        let email = "a@example.org";
        for number in 0..=u32::try_from(PAIRS_MAX).unwrap() {
            throttle.attempt(address(number), email, at(i64::from(number))).unwrap();
        }
        let pairs = throttle.pairs.lock().unwrap();
        assert_eq!(pairs.len(), PAIRS_MAX);
        assert!(!pairs.contains_key(&(address(0), "a@example.org".to_owned())), "the oldest went");
    }
}
