//! A write without a change, to find out whether writes succeed.

use sqlx::Executor as _;
use sqlx::sqlite::SqliteConnection;

use super::super::StorageError;
use super::Sqlite;
use super::writer::WriteJob;

/// The page is written even though its rows are the same.
const STATEMENTS: &str = "INSERT INTO meta (name, value) VALUES ('write probe', x''); \
                          DELETE FROM meta WHERE name = 'write probe'";

impl Sqlite {
    pub(crate) async fn probe_write(&self) -> Result<(), StorageError> {
        self.writer.write(Probe).await
    }
}

struct Probe;

impl WriteJob for Probe {
    type Output = ();

    fn event_count(&self) -> usize {
        0
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        connection.execute(STATEMENTS).await?;
        Ok(())
    }
}
