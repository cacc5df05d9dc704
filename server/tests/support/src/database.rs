//! Test databases of both backends.

#[cfg(unix)]
mod postgres;

use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use wizitime_server::Database;

#[cfg(unix)]
pub use postgres::PostgresDatabase;

/// The name of the SQLite file in the folder of a test.
pub const SQLITE_FILE: &str = "wizitime.db";

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// An SQLite file in a temporary folder.
    Sqlite,
    /// A new database in the PostgreSQL that all tests of a process share.
    #[cfg(unix)]
    Postgres,
}

/// A database of one test.
#[derive(Debug)]
pub enum TestDatabase {
    Sqlite(TempDir),
    #[cfg(unix)]
    Postgres(PostgresDatabase),
}

/// Locks rows or tables until it is released.
pub enum DatabaseLock {
    Sqlite(SqliteConnection),
    #[cfg(unix)]
    Postgres(sqlx::postgres::PgConnection),
}

impl Backend {
    /// Creates an empty database.
    pub async fn create_database(self) -> TestDatabase {
        match self {
            Self::Sqlite => TestDatabase::Sqlite(tempfile::tempdir().unwrap()),
            #[cfg(unix)]
            Self::Postgres => TestDatabase::Postgres(PostgresDatabase::create().await),
        }
    }

    /// Whether the backend keeps socket tokens in memory.
    pub const fn has_socket_tokens_in_memory(self) -> bool {
        matches!(self, Self::Sqlite)
    }
}

impl TestDatabase {
    /// The database for [`wizitime_server::Config`].
    pub fn config(&self) -> Database {
        self.option().parse().unwrap()
    }

    /// The value of the program's `--database`.
    pub fn option(&self) -> String {
        match self {
            Self::Sqlite(folder) => sqlite_file(folder).to_str().unwrap().to_owned(),
            #[cfg(unix)]
            Self::Postgres(database) => database.url.clone(),
        }
    }

    /// The path of the SQLite file.
    ///
    /// # Panics
    /// If this is another backend.
    pub fn sqlite_path(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => sqlite_file(folder),
            #[cfg(unix)]
            Self::Postgres(_) => panic!("not an SQLite database"),
        }
    }

    /// A connection to the SQLite file, beside the server's.
    ///
    /// # Panics
    /// If this is another backend.
    pub async fn sqlite_connection(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.sqlite_path());
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Executes statements.
    pub async fn execute(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.sqlite_connection().await;
                connection.execute(statements).await.unwrap();
                connection.close().await.unwrap();
            }
            #[cfg(unix)]
            Self::Postgres(database) => {
                database.connection().await.execute(statements).await.unwrap();
            }
        }
    }

    /// Makes every such change, such as `INSERT ON tokens`, fail as on a full disk.
    pub async fn fill_disk(&self, change: &str) {
        let trap = match self {
            // A table without a free row id is SQLITE_FULL, which rolls back the transaction.
            Self::Sqlite(_) => format!(
                "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT); \
                 INSERT INTO numbered VALUES (9223372036854775807); \
                 CREATE TRIGGER full_disk BEFORE {change} \
                 BEGIN INSERT INTO numbered VALUES (NULL); END"
            ),
            #[cfg(unix)]
            Self::Postgres(_) => format!(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   RAISE 'the disk is full' USING ERRCODE = 'disk_full'; END $$; \
                 CREATE TRIGGER full_disk BEFORE {change} \
                   FOR EACH ROW EXECUTE FUNCTION full_disk()"
            ),
        };
        self.execute(&trap).await;
    }

    /// Ends the effect of [`TestDatabase::fill_disk`].
    pub async fn free_disk(&self) {
        let statements = match self {
            Self::Sqlite(_) => "DROP TRIGGER full_disk; DROP TABLE numbered",
            #[cfg(unix)]
            Self::Postgres(_) => "DROP FUNCTION full_disk CASCADE",
        };
        self.execute(statements).await;
    }

    /// Blocks appends to every existing account.
    pub async fn lock_accounts(&self) -> DatabaseLock {
        match self {
            Self::Sqlite(_) => self.lock_file().await,
            #[cfg(unix)]
            Self::Postgres(database) => {
                database.lock("BEGIN; SELECT 1 FROM users FOR UPDATE").await
            }
        }
    }

    /// Blocks all writes.
    pub async fn lock_tables(&self) -> DatabaseLock {
        match self {
            Self::Sqlite(_) => self.lock_file().await,
            #[cfg(unix)]
            Self::Postgres(database) => {
                database
                    .lock("BEGIN; LOCK TABLE users, tokens, events, two_step IN EXCLUSIVE MODE")
                    .await
            }
        }
    }

    async fn lock_file(&self) -> DatabaseLock {
        let mut connection = self.sqlite_connection().await;
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        DatabaseLock::Sqlite(connection)
    }
}

impl DatabaseLock {
    pub async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("ROLLBACK").await.map(drop),
            #[cfg(unix)]
            Self::Postgres(mut connection) => connection.execute("ROLLBACK").await.map(drop),
        }
        .unwrap();
    }
}

fn sqlite_file(folder: &TempDir) -> PathBuf {
    folder.path().join(SQLITE_FILE)
}
