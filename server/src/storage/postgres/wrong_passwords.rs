//! Wrong passwords, in a table: all servers share the limits.

use wizitime_domain::{DurationMs, Timestamp};

use super::super::StorageError;
use super::{Postgres, with_timeout};
use crate::auth::{ACCOUNT_LIMIT, ADDRESS_LIMIT, AttemptLimit, Attempts, PasswordAttemptKey};

/// The account of the row that counts an address at all accounts.
const ALL_ACCOUNTS: &[u8] = &[];

impl Postgres {
    pub(crate) async fn count_wrong_password(
        &self,
        key: &PasswordAttemptKey,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            for (account, limit) in rows(key) {
                sqlx::query(
                    "INSERT INTO wrong_passwords AS old (address, account, since, count) \
                     VALUES ($1, $2, $3, 1) ON CONFLICT (address, account) DO UPDATE SET \
                     since = CASE WHEN old.since > $4 AND old.since <= $3 \
                       THEN old.since ELSE $3 END, \
                     count = CASE WHEN old.since > $4 AND old.since <= $3 \
                       THEN old.count + 1 ELSE 1 END",
                )
                .bind(&key.address)
                .bind(account)
                .bind(now.as_ms())
                .bind(before(now, limit).as_ms())
                .execute(&mut *conn)
                .await?;
            }
            sqlx::query("DELETE FROM wrong_passwords WHERE since <= $1 OR since > $2")
                .bind(before(now, ADDRESS_LIMIT).as_ms())
                .bind(now.as_ms())
                .execute(&mut *conn)
                .await?;
            conn.release();
            Ok(())
        })
        .await
    }

    pub(crate) async fn wrong_passwords_wait_ms(
        &self,
        key: &PasswordAttemptKey,
        now: Timestamp,
    ) -> Result<Option<i64>, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let counted: Vec<(Vec<u8>, i64, i32)> = sqlx::query_as(
                "SELECT account, since, count FROM wrong_passwords \
                 WHERE address = $1 AND account IN ($2, $3)",
            )
            .bind(&key.address)
            .bind(&key.account[..])
            .bind(ALL_ACCOUNTS)
            .fetch_all(&mut *conn)
            .await?;
            conn.release();
            let wait_ms = |(account, limit): (&[u8], AttemptLimit)| {
                let (_, since, count) = counted.iter().find(|(found, ..)| found == account)?;
                let since = Timestamp::from_ms(*since).ok()?;
                let count = u32::try_from(*count).ok()?;
                limit.wait_ms(Attempts { since, count }, now)
            };
            Ok(rows(key).filter_map(wait_ms).max())
        })
        .await
    }

    pub(crate) async fn forget_wrong_passwords(
        &self,
        key: &PasswordAttemptKey,
    ) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            sqlx::query("DELETE FROM wrong_passwords WHERE address = $1 AND account = $2")
                .bind(&key.address)
                .bind(&key.account[..])
                .execute(&mut *conn)
                .await?;
            conn.release();
            Ok(())
        })
        .await
    }
}

/// The rows in which a wrong password is counted, with their limits.
fn rows(key: &PasswordAttemptKey) -> impl Iterator<Item = (&[u8], AttemptLimit)> {
    let at_all_accounts = key.is_address_limited.then_some((ALL_ACCOUNTS, ADDRESS_LIMIT));
    std::iter::once((&key.account[..], ACCOUNT_LIMIT)).chain(at_all_accounts)
}

fn before(now: Timestamp, limit: AttemptLimit) -> Timestamp {
    now.saturating_add(DurationMs::from_ms(-limit.window_ms))
}
