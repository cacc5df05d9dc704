//! A connection for the time of one piece of work.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;

/// A connection that is closed unless its work came to its end. To find out what state it is in may
/// take longer than anybody waits, because its other end may be gone without a word; and a
/// transaction that SQLite has rolled back by itself, as on a full disk, is still counted as open.
#[derive(Debug)]
pub(super) struct Lease<DB: sqlx::Database> {
    connection: PoolConnection<DB>,
    is_sound: bool,
}

impl<DB: sqlx::Database> Lease<DB> {
    pub(super) const fn new(connection: PoolConnection<DB>) -> Self {
        Self { connection, is_sound: false }
    }

    /// Lets others have the connection.
    pub(super) fn give_back(mut self) {
        self.is_sound = true;
    }
}

impl<DB: sqlx::Database> Deref for Lease<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.connection
    }
}

impl<DB: sqlx::Database> DerefMut for Lease<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

impl<DB: sqlx::Database> Drop for Lease<DB> {
    fn drop(&mut self) {
        if !self.is_sound {
            self.connection.close_on_drop();
        }
    }
}
