//! Bounds the memory for messages that are received or wait to be handled.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wizitime_domain::UserId;

/// Bytes of all sockets of a user: sixteen of the largest BULK_EVENT.
const PER_USER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of all sockets of a server.
const SERVER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes that are not counted in each [`Charge`]. So heartbeats and small pushes are received even
/// if other sockets have used up the budget.
const FREE_BYTES: usize = 4 * 1024;

/// How many bytes of messages may be in memory at the same time: partially received ones, and
/// queued ones behind a running job. A socket over the limit is closed with 1013.
#[derive(Clone, Copy, Debug)]
pub struct ReceiveLimits {
    /// Of all sockets of one user.
    pub per_user: usize,
    /// Of all sockets.
    pub server: usize,
}

impl Default for ReceiveLimits {
    fn default() -> Self {
        Self { per_user: PER_USER_BYTES_MAX, server: SERVER_BYTES_MAX }
    }
}

/// The reached limit on bytes of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OverBudget {
    /// [`ReceiveLimits::per_user`]
    User,
    /// [`ReceiveLimits::server`]
    Server,
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "too many bytes in messages of the user",
            Self::Server => "too many bytes in messages of all users",
        })
    }
}

#[derive(Debug, Default)]
struct Charged {
    total: usize,
    by_user: BTreeMap<UserId, usize>,
}

/// The bytes that are charged to users.
#[derive(Debug)]
pub(crate) struct ReceiveBudget {
    limits: ReceiveLimits,
    charged: Mutex<Charged>,
}

/// The bytes that one socket is charged; dropping it releases them.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<ReceiveBudget>,
    user_id: UserId,
    charged: usize,
}

impl ReceiveBudget {
    pub(crate) fn new(limits: ReceiveLimits) -> Self {
        Self { limits, charged: Mutex::default() }
    }

    /// A charge of no bytes.
    pub(crate) fn charge(self: &Arc<Self>, user_id: UserId) -> Charge {
        Charge { budget: Arc::clone(self), user_id, charged: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Charged> {
        self.charged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Charge {
    /// Sets the charge to `bytes` minus [`FREE_BYTES`].
    ///
    /// # Errors
    /// If it grows beyond a limit; then it stays as it is.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), OverBudget> {
        let bytes = bytes.saturating_sub(FREE_BYTES);
        if bytes == self.charged {
            return Ok(());
        }
        let limits = self.budget.limits;
        let mut charged = self.budget.lock();
        let of_user = charged.by_user.get(&self.user_id).copied().unwrap_or(0);
        let of_user = of_user - self.charged + bytes;
        let total = charged.total - self.charged + bytes;
        if bytes > self.charged {
            if of_user > limits.per_user {
                return Err(OverBudget::User);
            }
            if total > limits.server {
                return Err(OverBudget::Server);
            }
        }
        charged.total = total;
        if of_user == 0 {
            charged.by_user.remove(&self.user_id);
        } else {
            charged.by_user.insert(self.user_id, of_user);
        }
        drop(charged);
        self.charged = bytes;
        Ok(())
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        // Only growth can fail.
        let released = self.set(0);
        debug_assert_eq!(released, Ok(()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u8) -> UserId {
        UserId::from_bytes([number; 16])
    }

    #[test]
    fn charges_are_bounded_per_user_and_in_total_and_released() {
        let limits = ReceiveLimits { per_user: 100, server: 150 };
        let budget = Arc::new(ReceiveBudget::new(limits));
        let [mut first, mut second] = [budget.charge(user(1)), budget.charge(user(1))];
        let mut other = budget.charge(user(2));
        assert_eq!(first.set(FREE_BYTES + 60), Ok(()));
        assert_eq!(second.set(FREE_BYTES + 41), Err(OverBudget::User));
        assert_eq!(second.set(FREE_BYTES + 40), Ok(()));
        assert_eq!(other.set(FREE_BYTES + 51), Err(OverBudget::Server));
        assert_eq!(other.set(FREE_BYTES), Ok(()), "small messages are free");
        drop(first);
        assert_eq!(other.set(FREE_BYTES + 51), Ok(()));
        assert_eq!(second.set(0), Ok(()));
        drop((second, other));
        let charged = budget.lock();
        assert_eq!((charged.total, charged.by_user.len()), (0, 0));
    }
}
