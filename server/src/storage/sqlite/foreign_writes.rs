//! Notices what other processes commit to the file: the commands that administrate accounts beside
//! a running server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqlitePool;
use tokio::sync::{mpsc, watch};
use tracing::warn;

use super::super::StorageError;
use super::super::conn_guard::ConnGuard;
use super::super::node_event::NodeEvent;

/// Counts the connections of a pool that has at most one at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionCount(Arc<AtomicU64>);

impl ConnectionCount {
    /// A connection was opened.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// SQLite's number of commits by other connections, which only says something in comparison with
/// an earlier number of the same connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DataVersion {
    connection: u64,
    number: i64,
}

/// The state of the checks, which the writer task makes.
#[derive(Debug)]
pub(super) struct ForeignWrites {
    connections: ConnectionCount,
    /// The version whose changes were reported.
    reported: Option<DataVersion>,
    /// None after the database was closed, so that receivers see the end.
    found: Option<watch::Sender<()>>,
}

impl ForeignWrites {
    /// The state, and a receiver that is notified of foreign commits.
    pub(super) fn new(connections: ConnectionCount) -> (Self, watch::Receiver<()>) {
        let (found, receiver) = watch::channel(());
        (Self { connections, reported: None, found: Some(found) }, receiver)
    }

    /// Reports commits since the last check, and also a new connection, because commits before it
    /// cannot be noticed.
    pub(super) async fn check(&mut self, pool: &SqlitePool) {
        if pool.is_closed() {
            self.found = None;
            return;
        }
        match self.version(pool).await {
            Ok(version) => {
                let is_new = self.reported.replace(version).is_some_and(|old| old != version);
                if let Some(found) = self.found.as_ref().filter(|_| is_new) {
                    found.send_replace(());
                }
            }
            Err(error) => warn!(%error, "changes by commands cannot be noticed"),
        }
    }

    async fn version(&self, pool: &SqlitePool) -> Result<DataVersion, StorageError> {
        let mut conn = ConnGuard::new(pool.acquire().await?);
        let number = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut *conn).await?;
        conn.release();
        Ok(DataVersion { connection: self.connections.get(), number })
    }
}

/// The notifications as events, until the database is closed.
pub(super) fn node_events(mut found: watch::Receiver<()>) -> mpsc::Receiver<NodeEvent> {
    // One more that waits has the same effect.
    let (sender, events) = mpsc::channel(1);
    tokio::spawn(async move {
        while found.changed().await.is_ok() {
            if sender.send(NodeEvent::AccountsChanged).await.is_err() {
                return;
            }
        }
    });
    events
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::Executor as _;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    async fn open(file: &Path, connections: ConnectionCount) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let counted = SqlitePoolOptions::new().max_connections(1).after_connect(move |_, _| {
            connections.add();
            Box::pin(std::future::ready(Ok(())))
        });
        counted.connect_with(options).await.unwrap()
    }

    #[tokio::test]
    async fn only_commits_of_others_are_reported_also_while_there_is_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("numbers.db");
        let connections = ConnectionCount::default();
        let pool = open(&file, connections.clone()).await;
        let other = open(&file, ConnectionCount::default()).await;
        pool.execute("CREATE TABLE numbers (number INTEGER)").await.unwrap();
        let (mut foreign, mut found) = ForeignWrites::new(connections);
        let insert = "INSERT INTO numbers (number) VALUES (1)";

        foreign.check(&pool).await;
        pool.execute(insert).await.unwrap();
        foreign.check(&pool).await;
        assert!(!found.has_changed().unwrap(), "its own commit");

        other.execute(insert).await.unwrap();
        foreign.check(&pool).await;
        assert!(found.has_changed().unwrap(), "a commit of another connection");
        found.mark_unchanged();

        // As after an interrupted write.
        pool.acquire().await.unwrap().close().await.unwrap();
        other.execute(insert).await.unwrap();
        foreign.check(&pool).await;
        assert!(found.has_changed().unwrap(), "a commit before the connection was opened");
    }
}
