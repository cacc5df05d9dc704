//! A write without a change, to find out whether writes succeed.

use sqlx::Executor as _;

use super::super::StorageError;
use super::{Postgres, with_timeout};

/// One transaction. The name differs, so that servers do not wait for each other.
const STATEMENTS: &str = "INSERT INTO meta (name, value) \
                            VALUES ('write probe ' || pg_backend_pid(), ''); \
                          DELETE FROM meta WHERE name = 'write probe ' || pg_backend_pid()";

impl Postgres {
    pub(crate) async fn probe_write(&self) -> Result<(), StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            conn.execute(STATEMENTS).await?;
            conn.release();
            Ok(())
        })
        .await
    }
}
