//! The PostgreSQL backend. Several servers may share a database.
//!
//! An append locks the account's row in `users` until the end of its transaction, so that sequence
//! numbers have no gaps and readers see them in order. Every operation has a timeout below the
//! client's push timeout.

mod accounts;
mod append;
mod audit;
mod changes_page;
mod events;
mod listener;
mod load;
mod notifier;
mod oidc;
mod registration;
mod socket_tokens;
mod startup;
mod two_step;
mod write_probe;
mod wrong_passwords;

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::warn;
use wizitime_domain::{EpochId, UserId};

use super::column::id_bytes;
use super::conn_guard::ConnGuard;
use super::node_event::{NodeEvent, NodeId};
use super::{PostgresUrl, StorageError, migrations};
use crate::random;
use notifier::Notifier;

/// The NOTIFY channel of node events.
const CHANNEL: &str = "wizitime";
/// Connections of one server; one of them runs LISTEN.
const CONNECTIONS_MAX: u32 = 10;
/// Timeout for a connection from the pool.
const ACQUIRE_TIMEOUT_MS: u64 = 2_500;
/// `lock_timeout` of each statement.
const LOCK_TIMEOUT_MS: u64 = 1_500;
/// `statement_timeout`.
const STATEMENT_TIMEOUT_MS: u64 = 3_000;
/// Timeout of a whole operation, below the five seconds after which a client gives up a push.
const OPERATION_TIMEOUT_MS: u64 = 4_000;

/// A handle of the database. Clones share the connections.
#[derive(Clone)]
pub(super) struct Postgres {
    pool: PgPool,
    notifier: Notifier,
    node_id: NodeId,
    epoch: EpochId,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool's debug output contains the password.
        f.debug_struct("Postgres").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Postgres {
    pub(super) async fn open(url: &PostgresUrl, new_epoch: EpochId) -> Result<Self, StorageError> {
        let node_id = random::bytes().map_err(|error| sqlx::Error::Io(error.into()))?;
        let node_id = NodeId::from_bytes(node_id);
        let options = url.options().disable_statement_logging();
        let connection = startup::connect(url, &options).await?;
        let epoch = prepare(connection, new_epoch).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            // One stays open, so that restore and migrate detect the running server.
            .min_connections(1)
            .acquire_timeout(Duration::from_millis(ACQUIRE_TIMEOUT_MS))
            // After a restart of the database all pooled connections are dead.
            .test_before_acquire(true)
            .after_connect(|connection, _| Box::pin(configure_session(connection)))
            .connect_with(options)
            .await?;
        Ok(Self { notifier: Notifier::spawn(pool.clone(), node_id), pool, node_id, epoch })
    }

    pub(super) const fn epoch(&self) -> EpochId {
        self.epoch
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// The events of other servers from now on.
    pub(super) fn node_events(&self) -> mpsc::Receiver<NodeEvent> {
        listener::listen(self.pool.clone(), self.node_id)
    }

    /// The cursor of an account's log.
    pub(super) async fn cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let cursor = load::cursor(&mut conn, user_id).await?;
            conn.release();
            Ok(cursor)
        })
        .await
    }

    /// The bytes of the events in an account's log.
    pub(super) async fn log_bytes(&self, user_id: UserId) -> Result<u64, StorageError> {
        with_timeout(async {
            let mut conn = self.acquire().await?;
            let bytes = load::log_bytes(&mut conn, user_id).await?;
            conn.release();
            Ok(bytes)
        })
        .await
    }

    async fn acquire(&self) -> Result<ConnGuard<sqlx::Postgres>, StorageError> {
        Ok(ConnGuard::new(self.pool.acquire().await?))
    }
}

/// Cancels an operation after [`OPERATION_TIMEOUT_MS`]. Its connection is closed, so that
/// PostgreSQL rolls back.
async fn with_timeout<T>(
    operation: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    let limit = Duration::from_millis(OPERATION_TIMEOUT_MS);
    timeout(limit, operation)
        .await
        .unwrap_or(Err(StorageError::TimedOut { waited_ms: OPERATION_TIMEOUT_MS }))
}

/// Migrates the tables and returns the epoch, on a connection without timeouts: servers that start
/// at the same time wait for each other.
async fn prepare(
    mut connection: PgConnection,
    new_epoch: EpochId,
) -> Result<EpochId, StorageError> {
    migrations::POSTGRES.run(&mut connection).await.map_err(StorageError::Migration)?;
    let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&mut connection).await?;
    if fsync == "off" {
        warn!("fsync is off in PostgreSQL: acknowledged writes may be lost on a power failure");
    }
    let epoch = epoch(&mut connection, new_epoch).await?;
    connection.close().await?;
    Ok(epoch)
}

/// The epoch of the database. Stores `new_epoch` if there is none.
async fn epoch(connection: &mut PgConnection, new_epoch: EpochId) -> Result<EpochId, StorageError> {
    sqlx::query("INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(&new_epoch.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    let epoch: Vec<u8> = sqlx::query_scalar("SELECT value FROM meta WHERE name = 'epoch'")
        .fetch_one(connection)
        .await?;
    Ok(EpochId::from_bytes(id_bytes(&epoch)?))
}

/// Sets the timeouts of a connection. An acknowledged write must be on disk, so `synchronous_commit
/// = off` of the database or the role is overridden; stricter settings are kept.
async fn configure_session(connection: &mut PgConnection) -> sqlx::Result<()> {
    let settings = sqlx::query(
        "SELECT set_config('lock_timeout', $1, false), \
         set_config('statement_timeout', $2, false), \
         set_config('idle_in_transaction_session_timeout', $3, false), \
         set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
           WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)",
    )
    .bind(LOCK_TIMEOUT_MS.to_string())
    .bind(STATEMENT_TIMEOUT_MS.to_string())
    .bind(OPERATION_TIMEOUT_MS.to_string());
    connection.execute(settings).await?;
    Ok(())
}
