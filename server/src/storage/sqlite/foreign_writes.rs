//! Notices what other processes commit to the file: the commands that administrate accounts beside
//! a running server.

use sqlx::sqlite::SqlitePool;
use tokio::sync::{mpsc, watch};
use tracing::warn;

use super::super::StorageError;
use super::super::conn_guard::ConnGuard;
use super::super::node_event::NodeEvent;

/// The state of the checks, which the writer task makes.
#[derive(Debug)]
pub(super) struct ForeignWrites {
    /// SQLite's number of commits by other connections, as far as they were reported.
    reported: Option<i64>,
    /// None after the database was closed, so that receivers see the end.
    found: Option<watch::Sender<()>>,
}

impl ForeignWrites {
    /// The state, and a receiver that is notified of foreign commits.
    pub(super) fn new() -> (Self, watch::Receiver<()>) {
        let (found, receiver) = watch::channel(());
        (Self { reported: None, found: Some(found) }, receiver)
    }

    /// Reports commits since the last check.
    pub(super) async fn check(&mut self, pool: &SqlitePool) {
        if pool.is_closed() {
            self.found = None;
            return;
        }
        // Without the connection the next check finds them.
        let Some(connection) = pool.try_acquire() else { return };
        match data_version(ConnGuard::new(connection)).await {
            Ok(version) => {
                let is_new = self.reported.replace(version).is_some_and(|old| old != version);
                if let Some(found) = self.found.as_ref().filter(|_| is_new) {
                    found.send_replace(());
                }
            }
            Err(error) => warn!(%error, "changes by commands cannot be noticed"),
        }
    }
}

/// Changes with every commit of another connection. The pool's only connection makes all commits of
/// this process; a new connection after an error counts as a change, which is harmless.
async fn data_version(mut conn: ConnGuard<sqlx::Sqlite>) -> Result<i64, StorageError> {
    let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut *conn).await?;
    conn.release();
    Ok(version)
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
