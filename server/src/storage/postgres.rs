//! The accounts in a PostgreSQL database that several servers may share.
//!
//! Whoever writes for an account holds the lock of its row in `users` until the end of its
//! transaction, so that sequence numbers have no gaps and readers see them in order. Every wait
//! ends before a client's patience does.

mod accounts;
mod append;
mod events;
mod herald;
mod latest;
mod listener;
mod load;
mod socket_tokens;

use std::fmt;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::warn;
use wizitime_domain::{EpochId, UserId};

use super::column::id_bytes;
use super::lease::Lease;
use super::signal::{NodeId, Signal};
use super::{PostgresUrl, StorageError};
use crate::random;
use herald::Herald;

/// Where servers on one database tell each other what they did.
const CHANNEL: &str = "wizitime";
/// Connections of one server at most; one of them listens.
const CONNECTIONS_MAX: u32 = 10;
/// How long a caller waits for a connection.
const ACQUIRE_MS: u64 = 2_500;
/// How long a statement waits for a lock.
const LOCK_MS: u64 = 1_500;
/// How long a statement may take.
const STATEMENT_MS: u64 = 3_000;
/// How long all the work for one answer may take: less than the five seconds that a client waits.
const WORK_MS: u64 = 4_000;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// All accounts, in one PostgreSQL database. Cloning shares the connections.
#[derive(Clone)]
pub(super) struct Postgres {
    pool: PgPool,
    herald: Herald,
    own: NodeId,
    epoch: EpochId,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool knows the password.
        f.debug_struct("Postgres").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Postgres {
    pub(super) async fn open(url: &PostgresUrl, new_epoch: EpochId) -> Result<Self, StorageError> {
        let own = random::bytes().map_err(|error| sqlx::Error::Io(error.into()))?;
        let own = NodeId::from_bytes(own);
        let options = url.options().disable_statement_logging();
        let epoch = prepare(&options, new_epoch).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            // One stays open: whoever is to replace the accounts can see that we are here.
            .min_connections(1)
            .acquire_timeout(Duration::from_millis(ACQUIRE_MS))
            // After a restart of the database all that were open are dead.
            .test_before_acquire(true)
            .after_connect(|connection, _| Box::pin(set_up(connection)))
            .connect_with(options)
            .await?;
        Ok(Self { herald: Herald::on(pool.clone(), own), pool, own, epoch })
    }

    pub(super) const fn epoch(&self) -> EpochId {
        self.epoch
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// What other servers say, from now on.
    pub(super) fn signals(&self) -> mpsc::Receiver<Signal> {
        listener::listen(self.pool.clone(), self.own)
    }

    /// Where an account's log ends.
    pub(super) async fn cursor(&self, user_id: UserId) -> Result<u64, StorageError> {
        bounded(async {
            let mut lease = self.lease().await?;
            let cursor = load::cursor(&mut lease, user_id).await?;
            lease.give_back();
            Ok(cursor)
        })
        .await
    }

    async fn lease(&self) -> Result<Lease<sqlx::Postgres>, StorageError> {
        Ok(Lease::new(self.pool.acquire().await?))
    }
}

/// Ends work that takes too long. Its connection is closed, and PostgreSQL rolls back.
async fn bounded<T>(
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    let patience = Duration::from_millis(WORK_MS);
    timeout(patience, work).await.unwrap_or(Err(StorageError::TimedOut { waited_ms: WORK_MS }))
}

/// Brings the tables up to date, on a connection that may take its time: several servers that
/// start at once wait for each other.
async fn prepare(options: &PgConnectOptions, new_epoch: EpochId) -> Result<EpochId, StorageError> {
    let mut connection = options.connect().await?;
    MIGRATIONS.run(&mut connection).await.map_err(StorageError::Migration)?;
    let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&mut connection).await?;
    if fsync == "off" {
        warn!("fsync is off in the database: what is acknowledged may not outlive a power cut");
    }
    let epoch = epoch(&mut connection, new_epoch).await?;
    connection.close().await?;
    Ok(epoch)
}

/// The epoch in the database; `new_epoch` from now on if there is none.
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

/// Bounds every wait of a connection. An acknowledgement means that a write is on disk, so whoever
/// turned that off for the database or the role is overruled; stricter settings are kept.
async fn set_up(connection: &mut PgConnection) -> sqlx::Result<()> {
    let settings = sqlx::query(
        "SELECT set_config('lock_timeout', $1, false), \
         set_config('statement_timeout', $2, false), \
         set_config('idle_in_transaction_session_timeout', $3, false), \
         set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
           WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)",
    )
    .bind(LOCK_MS.to_string())
    .bind(STATEMENT_MS.to_string())
    .bind(WORK_MS.to_string());
    connection.execute(settings).await?;
    Ok(())
}
