//! RAII guard of a pooled connection.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;

/// A pooled connection that is closed on drop unless [`ConnGuard::release`] is called. After an
/// error or a cancellation its state is unknown: probing a dead peer can take longer than a client
/// waits, and a transaction that SQLite rolled back by itself, as on a full disk, still counts as
/// open.
#[derive(Debug)]
pub(super) struct ConnGuard<DB: sqlx::Database> {
    connection: PoolConnection<DB>,
    is_clean: bool,
}

impl<DB: sqlx::Database> ConnGuard<DB> {
    pub(super) const fn new(connection: PoolConnection<DB>) -> Self {
        Self { connection, is_clean: false }
    }

    /// Returns the connection to the pool.
    pub(super) fn release(mut self) {
        self.is_clean = true;
    }
}

impl<DB: sqlx::Database> Deref for ConnGuard<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.connection
    }
}

impl<DB: sqlx::Database> DerefMut for ConnGuard<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

impl<DB: sqlx::Database> Drop for ConnGuard<DB> {
    fn drop(&mut self) {
        if !self.is_clean {
            self.connection.close_on_drop();
        }
    }
}
