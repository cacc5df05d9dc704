//! A connection for the time of one piece of work.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;

/// A connection that is closed unless its work came to its end. To find out what state a connection
/// is in may take longer than anybody waits: its other end may be gone without a word.
#[derive(Debug)]
pub(super) struct Lease {
    connection: PoolConnection<sqlx::Postgres>,
    is_sound: bool,
}

impl Lease {
    pub(super) const fn new(connection: PoolConnection<sqlx::Postgres>) -> Self {
        Self { connection, is_sound: false }
    }

    /// Lets others have the connection.
    pub(super) fn give_back(mut self) {
        self.is_sound = true;
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_sound {
            self.connection.close_on_drop();
        }
    }
}
