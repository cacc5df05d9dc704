//! Where the stories keep their accounts: a database of their own in the tests' PostgreSQL.

use std::sync::LazyLock;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use wizitime_server::Database;

use crate::cluster::{Cluster, Fsync};

/// A database.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) url: String,
}

/// The PostgreSQL that all stories share. Where it has to be on disk is asked elsewhere.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(Fsync::Off));

pub(crate) async fn new() -> Home {
    Home { url: CLUSTER.database().await }
}

pub(crate) fn database(home: &Home) -> Database {
    home.url.parse().unwrap()
}

/// The database as the program is told of it.
pub(crate) fn text(home: &Home) -> String {
    home.url.clone()
}

impl Home {
    /// A connection to the database, beside the server's.
    pub(crate) async fn hands_on(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

/// Keeps everybody else from writing.
pub(crate) struct Lock(PgConnection);

pub(crate) async fn lock(home: &Home) -> Lock {
    let mut connection = home.hands_on().await;
    connection.execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await.unwrap();
    Lock(connection)
}

impl Lock {
    pub(crate) async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}
