//! Where the stories keep their accounts: an SQLite file in a folder that goes with the story.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;
use wizitime_server::Database;

use crate::world::World;

pub(crate) type Home = TempDir;

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

/// Keeps everybody else from writing.
pub(crate) struct Lock(SqliteConnection);

pub(crate) async fn lock(home: &Home) -> Lock {
    let options = SqliteConnectOptions::new().filename(file(home.path()));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute("BEGIN IMMEDIATE").await.unwrap();
    Lock(connection)
}

impl Lock {
    pub(crate) async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}
