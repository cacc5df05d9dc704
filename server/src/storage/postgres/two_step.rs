//! The second step of the sign-in.

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use wizitime_domain::UserId;

use super::super::two_step::{TwoStepRow, latest_start, window_start};
use super::super::{StorageError, TwoStep, TwoStepChange};
use super::{Postgres, with_timeout};
use crate::auth::{CODE_LIMIT, RecoveryCodeHash};

impl Postgres {
    pub(crate) async fn two_step(&self, user_id: UserId) -> Result<Option<TwoStep>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let row: Option<TwoStepRow> = sqlx::query_as(
                "SELECT secret, confirmed_at IS NOT NULL, begun_at, attempts, attempts_since, \
                 (SELECT count(*) FROM recovery_codes \
                  WHERE recovery_codes.user_id = two_step.user_id) \
                 FROM two_step WHERE user_id = $1",
            )
            .bind(&user_id.as_bytes()[..])
            .fetch_optional(&mut *conn)
            .await?;
            conn.release();
            row.map(TwoStep::from_row).transpose()
        })
        .await
    }

    pub(crate) async fn change_two_step(
        &self,
        user_id: UserId,
        two_step_change: TwoStepChange,
    ) -> Result<bool, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let mut transaction = conn.begin().await?;
            let is_changed = change(&mut transaction, user_id, two_step_change).await?;
            transaction.commit().await?;
            conn.release();
            Ok(is_changed)
        })
        .await
    }
}

/// Whether the change applied.
async fn change(
    connection: &mut PgConnection,
    user_id: UserId,
    change: TwoStepChange,
) -> Result<bool, StorageError> {
    let user = &user_id.as_bytes()[..];
    let changed = match change {
        TwoStepChange::Begin { secret, at } => {
            sqlx::query(
                "INSERT INTO two_step (user_id, secret, begun_at, attempts, attempts_since) \
                 SELECT user_id, $2, $3, 0, 0 FROM users WHERE user_id = $1 \
                 ON CONFLICT (user_id) DO UPDATE SET \
                 secret = excluded.secret, begun_at = excluded.begun_at, last_step = NULL \
                 WHERE two_step.confirmed_at IS NULL",
            )
            .bind(user)
            .bind(secret.as_bytes())
            .bind(at.as_ms())
            .execute(connection)
            .await?
        }
        TwoStepChange::CountAttempt(now) => {
            sqlx::query(
                "UPDATE two_step SET \
                 attempts = CASE WHEN attempts_since > $3 AND attempts_since <= $5 \
                   THEN attempts + 1 ELSE 1 END, \
                 attempts_since = CASE WHEN attempts_since > $3 AND attempts_since <= $5 \
                   THEN attempts_since ELSE $2 END \
                 WHERE user_id = $1 \
                 AND (attempts < $4 OR attempts_since <= $3 OR attempts_since > $5)",
            )
            .bind(user)
            .bind(now.as_ms())
            .bind(window_start(now))
            .bind(i64::from(CODE_LIMIT.max))
            .bind(latest_start(now))
            .execute(connection)
            .await?
        }
        TwoStepChange::Confirm { secret, step, at, recovery_codes } => {
            let confirmed = sqlx::query(
                "UPDATE two_step SET confirmed_at = $3, last_step = $4, attempts = 0 \
                 WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL",
            )
            .bind(user)
            .bind(secret.as_bytes())
            .bind(at.as_ms())
            .bind(step)
            .execute(&mut *connection)
            .await?;
            if confirmed.rows_affected() > 0 {
                replace_codes(connection, user_id, &recovery_codes).await?;
            }
            confirmed
        }
        TwoStepChange::UseStep(step) => {
            sqlx::query(
                "UPDATE two_step SET last_step = $2, attempts = greatest(attempts - 1, 0) \
                 WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
            )
            .bind(user)
            .bind(step)
            .execute(connection)
            .await?
        }
        TwoStepChange::UseRecoveryCode(hash) => {
            if !lock_if_on(connection, user_id).await? {
                return Ok(false);
            }
            let used =
                sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
                    .bind(user)
                    .bind(hash.as_bytes())
                    .execute(&mut *connection)
                    .await?;
            if used.rows_affected() > 0 {
                sqlx::query(
                    "UPDATE two_step SET attempts = greatest(attempts - 1, 0) WHERE user_id = $1",
                )
                .bind(user)
                .execute(connection)
                .await?;
            }
            used
        }
        TwoStepChange::ReplaceRecoveryCodes(recovery_codes) => {
            let is_on = lock_if_on(connection, user_id).await?;
            if is_on {
                replace_codes(connection, user_id, &recovery_codes).await?;
            }
            return Ok(is_on);
        }
        TwoStepChange::Remove => {
            let removed: Option<(bool,)> = sqlx::query_as(
                "DELETE FROM two_step WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL",
            )
            .bind(user)
            .fetch_optional(&mut *connection)
            .await?;
            replace_codes(connection, user_id, &[]).await?;
            return Ok(removed.is_some_and(|(was_on,)| was_on));
        }
    };
    Ok(changed.rows_affected() > 0)
}

/// Whether the second step is on. Locks its row: every transaction does so before it changes the
/// recovery codes, so that none waits for another that waits for it.
async fn lock_if_on(connection: &mut PgConnection, user_id: UserId) -> Result<bool, StorageError> {
    let row: Option<(bool,)> = sqlx::query_as(
        "SELECT confirmed_at IS NOT NULL FROM two_step WHERE user_id = $1 FOR UPDATE",
    )
    .bind(&user_id.as_bytes()[..])
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some_and(|(is_on,)| is_on))
}

/// Ends an enrolment that is not confirmed: who began it may know only the previous password.
pub(super) async fn end_enrolment(
    connection: &mut PgConnection,
    user_id: UserId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM two_step WHERE user_id = $1 AND confirmed_at IS NULL")
        .bind(&user_id.as_bytes()[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets the wrong codes.
pub(super) async fn forget_wrong_codes(
    connection: &mut PgConnection,
    user_id: UserId,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE two_step SET attempts = 0 WHERE user_id = $1")
        .bind(&user_id.as_bytes()[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn replace_codes(
    connection: &mut PgConnection,
    user_id: UserId,
    codes: &[RecoveryCodeHash],
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(&user_id.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    for code in codes {
        sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
            .bind(&user_id.as_bytes()[..])
            .bind(code.as_bytes())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
