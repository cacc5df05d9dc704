//! The second step of the sign-in as parameters and results of the database.

use wizitime_domain::{Timestamp, UserId};

use super::{Backend, Storage, StorageError};
use crate::auth::{
    Attempts, CLOCK_DIFFERENCE_MS_MAX, CODE_LIMIT, ENROLMENT_LIFE_MS, RecoveryCodeHash, TotpSecret,
};

/// The second step of an account's sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoStep {
    pub secret: TotpSecret,
    /// Whether the sign-in asks for a code. Before, the user has not yet shown a code of the app.
    pub is_on: bool,
    /// When the secret was made.
    pub begun_at: Timestamp,
    /// Wrong codes, for [`CODE_LIMIT`].
    pub attempts: Attempts,
    /// Recovery codes that are not used yet.
    pub recovery_codes: u64,
}

/// A change of an account's second step. Each is one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwoStepChange {
    /// Stores another secret, unless the second step is on.
    Begin { secret: TotpSecret, at: Timestamp },
    /// Counts an attempt with a code, before the code is compared, so that concurrent attempts do
    /// not exceed [`CODE_LIMIT`]. It does not apply over the limit.
    CountAttempt(Timestamp),
    /// Turns the second step on, unless it is, or another secret was stored meanwhile.
    Confirm { secret: TotpSecret, step: i64, at: Timestamp, recovery_codes: Vec<RecoveryCodeHash> },
    /// Uses up the code of a time step, and takes back its attempt. It does not apply if the code
    /// of this or a later time step was used.
    UseStep(i64),
    /// Uses up a recovery code, and takes back its attempt.
    UseRecoveryCode(RecoveryCodeHash),
    /// Replaces the recovery codes, if the second step is on.
    ReplaceRecoveryCodes(Vec<RecoveryCodeHash>),
    /// Turns the second step off, if it is on. An enrolment that is not confirmed ends in any case.
    Remove,
}

/// The columns of a [`TwoStep`].
pub(super) type TwoStepRow = (Vec<u8>, bool, i64, i64, i64, i64);

impl TwoStep {
    pub(super) fn from_row(row: TwoStepRow) -> Result<Self, StorageError> {
        let (secret, is_on, begun_at, attempts, since, recovery_codes) = row;
        let secret = <[u8; 20]>::try_from(&*secret)
            .map_err(|error| StorageError::corrupt("two-step secret", error))?;
        let begun_at = Timestamp::from_ms(begun_at)
            .map_err(|error| StorageError::corrupt("time of an enrolment", error))?;
        let since = Timestamp::from_ms(since)
            .map_err(|error| StorageError::corrupt("time of a code", error))?;
        let count =
            u32::try_from(attempts).map_err(|error| StorageError::corrupt("attempts", error))?;
        Ok(Self {
            secret: TotpSecret::from_bytes(secret),
            is_on,
            begun_at,
            attempts: Attempts { since, count },
            recovery_codes: recovery_codes.unsigned_abs(),
        })
    }

    /// Whether it is an enrolment that cannot be confirmed any more.
    pub const fn is_expired(&self, now: Timestamp) -> bool {
        let age_ms = now.since(self.begun_at).as_ms();
        !self.is_on && (age_ms < -CLOCK_DIFFERENCE_MS_MAX || age_ms >= ENROLMENT_LIFE_MS)
    }
}

/// Windows that began at this time or before are over.
pub(super) const fn window_start(now: Timestamp) -> i64 {
    now.as_ms().saturating_sub(CODE_LIMIT.window_ms)
}

/// Windows that began after this are over: the clock was set back. Until then the clock of another
/// server may only be ahead of this one.
pub(super) const fn latest_start(now: Timestamp) -> i64 {
    now.as_ms().saturating_add(CLOCK_DIFFERENCE_MS_MAX)
}

impl Storage {
    /// The second step of an account, also while it is not on yet.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn two_step(&self, user_id: UserId) -> Result<Option<TwoStep>, StorageError> {
        counted!(self, database => database.two_step(user_id).await)
    }

    /// Changes the second step of an account. `false` if the change does not apply; then nothing
    /// is changed.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn change_two_step(
        &self,
        user_id: UserId,
        change: TwoStepChange,
    ) -> Result<bool, StorageError> {
        counted!(self, database => database.change_two_step(user_id, change).await)
    }
}
