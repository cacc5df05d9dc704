//! Databases in the shared PostgreSQL.

use std::sync::LazyLock;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

use super::{DatabaseLock, TestDatabase};
use crate::postgres_cluster::{Cluster, Fsync};

/// Shared by all tests of a process. Durability is tested with separate clusters.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(Fsync::Off));

/// A PostgreSQL database. Clones name the same database.
#[derive(Clone, Debug)]
pub struct PostgresDatabase {
    pub url: String,
}

impl PostgresDatabase {
    pub async fn create() -> Self {
        Self { url: CLUSTER.create_database().await }
    }

    /// A connection beside the server's.
    pub async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    pub(super) async fn lock(&self, statements: &'static str) -> DatabaseLock {
        let mut connection = self.connection().await;
        connection.execute(statements).await.unwrap();
        DatabaseLock::Postgres(connection)
    }
}

impl From<PostgresDatabase> for TestDatabase {
    fn from(database: PostgresDatabase) -> Self {
        Self::Postgres(database)
    }
}
