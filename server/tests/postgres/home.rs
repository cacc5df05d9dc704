//! Where the stories keep their accounts: a database of their own in the tests' PostgreSQL.

use std::sync::LazyLock;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use wizitime_server::Database;

use crate::cluster::{Cluster, Fsync};

/// A database.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) url: String,
}

/// Whether tokens for sockets need no database.
pub(crate) const SOCKETS_IN_MEMORY: bool = false;

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

/// Has every such change, such as `INSERT ON tokens`, fail for want of room.
pub(crate) async fn fill(home: &Home, change: &str) {
    let trap = format!(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           RAISE 'the disk is full' USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE {change} FOR EACH ROW EXECUTE FUNCTION full_disk()"
    );
    change_by_hand(home, &trap).await;
}

/// There is room again.
pub(crate) async fn empty(home: &Home) {
    change_by_hand(home, "DROP FUNCTION full_disk CASCADE").await;
}

pub(crate) async fn change_by_hand(home: &Home, statements: &str) {
    let mut connection = home.hands_on().await;
    connection.execute(AssertSqlSafe(statements.to_owned())).await.unwrap();
}

/// Keeps everybody else from writing anything, whose account it may be.
pub(crate) async fn lock_tables(home: &Home) -> Lock {
    let mut connection = home.hands_on().await;
    let lock = "BEGIN; LOCK TABLE users, tokens, events IN EXCLUSIVE MODE";
    connection.execute(lock).await.unwrap();
    Lock(connection)
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
