//! Where the stories keep their accounts: an SQLite file in a folder that goes with the story.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use wizitime_server::Database;

use crate::world::World;

pub(crate) type Home = TempDir;

/// Whether tokens for sockets need no database.
pub(crate) const SOCKETS_IN_MEMORY: bool = true;

#[expect(clippy::unused_async, reason = "other databases take longer to make")]
pub(crate) async fn new() -> Home {
    tempfile::tempdir().unwrap()
}

pub(crate) fn database(home: &Home) -> Database {
    Database::File(file(home.path()))
}

/// The database as the program is told of it.
pub(crate) fn text(home: &Home) -> String {
    file(home.path()).to_str().unwrap().to_owned()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("wizitime.db")
}

impl World {
    pub(crate) fn database(&self) -> PathBuf {
        file(self.folder.path())
    }
}

/// Has every such change, such as `INSERT ON tokens`, fail for want of room. A row that can have no
/// number any more is to SQLite a full disk: the same error, and all of the transaction is undone.
pub(crate) async fn fill(home: &Home, change: &str) {
    let trap = format!(
        "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT); \
         INSERT INTO numbered VALUES (9223372036854775807); \
         CREATE TRIGGER full_disk BEFORE {change} BEGIN INSERT INTO numbered VALUES (NULL); END"
    );
    change_by_hand(home, &trap).await;
}

/// There is room again.
pub(crate) async fn empty(home: &Home) {
    change_by_hand(home, "DROP TRIGGER full_disk; DROP TABLE numbered").await;
}

pub(crate) async fn change_by_hand(home: &Home, statements: &str) {
    let options = SqliteConnectOptions::new().filename(file(home.path()));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute(AssertSqlSafe(statements.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

/// Keeps everybody else from writing.
pub(crate) struct Lock(SqliteConnection);

pub(crate) async fn lock(home: &Home) -> Lock {
    let options = SqliteConnectOptions::new().filename(file(home.path()));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute("BEGIN IMMEDIATE").await.unwrap();
    Lock(connection)
}

/// Keeps everybody else from writing anything: here there is one lock for all.
pub(crate) async fn lock_tables(home: &Home) -> Lock {
    lock(home).await
}

impl Lock {
    pub(crate) async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}
