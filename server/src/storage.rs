//! The database: an append-only log of events for each account, and what the logs add up to.
//!
//! There are two kinds, one folder for each: an SQLite file for one server, PostgreSQL for any
//! number of them. Both keep the same promises (`tests/conformance`), and nobody outside asks
//! which it is. A write is acknowledged when it is on disk.

mod account;
mod column;
mod copy;
mod database;
mod error;
mod lease;
mod postgres;
mod signal;
mod sqlite;

use std::sync::Arc;

use tokio::sync::mpsc;
use wizitime_domain::{EpochId, Timestamp, UserId};
use wizitime_hub::{Batch, Commit, Head};
use wizitime_protocol::messages::{BulkError, ChangesPage, ChangesPageRequest};

pub use account::{
    Admitted, Logged, NewSocketToken, NewToken, NewUser, Revocation, SignedIn, SignedInDevice, User,
};
pub use copy::CopyError;
pub(crate) use copy::{backup, migrate, restore};
pub use database::{BadDatabase, Database, PostgresUrl};
pub use error::StorageError;
pub(crate) use signal::Signal;

use crate::auth::TokenHash;
use crate::metrics::{Counters, Trouble};
use postgres::Postgres;
use sqlite::Sqlite;

/// Sessions that an account may have at a time. Whoever signs in once more signs out where it was
/// signed in first: to refuse would lock the owner out.
pub const SESSIONS_MAX: usize = 100;

/// Tokens for sockets that a session may have at a time; with one more, the oldest is void. All
/// tabs of a profile are one session, and each asks again whenever its link was cut.
pub const SOCKET_TOKENS_MAX: usize = 64;

/// All accounts. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Storage {
    kind: Kind,
    errors: Arc<Counters<Trouble>>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// In one file, for one server.
    Sqlite(Sqlite),
    /// In a PostgreSQL database that several servers may share.
    Postgres(Postgres),
}

/// Does the same on whichever database it is.
macro_rules! on_either {
    ($storage:expr, $database:ident => $work:expr) => {
        match &$storage.kind {
            Kind::Sqlite($database) => $work,
            Kind::Postgres($database) => $work,
        }
    };
}

/// Asks whichever database it is, and counts the questions that it did not answer.
macro_rules! asked {
    ($storage:expr, $database:ident => $work:expr) => {
        $storage.counted(on_either!($storage, $database => $work))
    };
}

impl Storage {
    /// Opens the database and brings its tables up to date. `new_epoch` names the log's life if
    /// this is its beginning. A file that does not exist is made; a PostgreSQL database has to be
    /// there.
    ///
    /// # Errors
    /// If it cannot be opened or written, or was made by a newer version.
    pub async fn open(database: &Database, new_epoch: EpochId) -> Result<Self, StorageError> {
        match database {
            Database::File(path) => Sqlite::open(path, new_epoch).await.map(Kind::Sqlite),
            Database::Postgres(url) => Postgres::open(url, new_epoch).await.map(Kind::Postgres),
        }
        .map(|kind| Self { kind, errors: Arc::default() })
    }

    /// The life of the log that this database holds.
    pub const fn epoch(&self) -> EpochId {
        on_either!(self, database => database.epoch())
    }

    /// Waits for what runs and closes all connections.
    pub async fn close(&self) {
        on_either!(self, database => database.close().await);
    }

    /// What other servers on the same database do, from now on; none if there cannot be others.
    pub(crate) fn signals(&self) -> Option<mpsc::Receiver<Signal>> {
        match &self.kind {
            Kind::Sqlite(_) => None,
            Kind::Postgres(database) => Some(database.signals()),
        }
    }

    /// The questions that were not answered, by the reason.
    pub(crate) fn errors(&self) -> &Counters<Trouble> {
        &self.errors
    }

    fn counted<T>(&self, answer: Result<T, StorageError>) -> Result<T, StorageError> {
        if let Err(error) = &answer {
            self.errors.add(error.trouble());
        }
        answer
    }

    /// Asks something that every database can answer: where the log of nobody ends.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(crate) async fn ping(&self) -> Result<(), StorageError> {
        let nobody = UserId::from_bytes([0; 16]);
        asked!(self, database => database.cursor(nobody).await.map(drop))
    }

    /// Makes an account with its first token. `false` if the email belongs to another one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sign_up(&self, user: NewUser, token: NewToken) -> Result<bool, StorageError> {
        asked!(self, database => database.sign_up(user, token).await)
    }

    /// Adds a token to an account and clears away those that have expired or are too many. Says
    /// which were valid until now.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn add_token(&self, token: NewToken) -> Result<Vec<TokenHash>, StorageError> {
        asked!(self, database => database.add_token(token).await)
    }

    /// Makes tokens of an account invalid, and says which.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn revoke(
        &self,
        user_id: UserId,
        what: Revocation,
    ) -> Result<Vec<TokenHash>, StorageError> {
        asked!(self, database => database.revoke(user_id, what).await)
    }

    /// Gives an account another password and makes all its tokens invalid but one. Says which.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn change_password(
        &self,
        user_id: UserId,
        password_hash: String,
        spared: TokenHash,
    ) -> Result<Vec<TokenHash>, StorageError> {
        asked!(self, database => {
            database.change_password(user_id, password_hash, spared).await
        })
    }

    /// Removes an account with all that belongs to it.
    ///
    /// # Errors
    /// If the database does not answer; then all of it is still there.
    pub async fn delete_account(&self, user_id: UserId) -> Result<(), StorageError> {
        asked!(self, database => database.delete_account(user_id).await)
    }

    /// The devices that are signed in at `now`, those that came first before the others.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn devices(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Vec<SignedInDevice>, StorageError> {
        asked!(self, database => database.devices(user_id, now).await)
    }

    /// The first `limit` events of an account's log behind `since`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn events(
        &self,
        user_id: UserId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<Logged>, StorageError> {
        asked!(self, database => database.events(user_id, since, limit).await)
    }

    /// The account with this email.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn user(&self, email: &str) -> Result<Option<User>, StorageError> {
        asked!(self, database => database.user(email).await)
    }

    /// Whom a token belongs to, if it is valid at `now`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn signed_in(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StorageError> {
        // On the heap, and gone afterwards: whoever asks lives long, and inline every idle
        // connection would hold room for either database's work.
        asked!(self, database => Box::pin(database.signed_in(hash, now)).await)
    }

    /// Adds a token that opens sockets for a session, and clears away those of it that have
    /// expired or are too many. `false` if there is no such session.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn add_socket_token(&self, token: NewSocketToken) -> Result<bool, StorageError> {
        asked!(self, database => database.add_socket_token(token).await)
    }

    /// For whom a token opens a socket at `now`: one of a session, or one for sockets.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn admitted(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Admitted>, StorageError> {
        // On the heap for the same reason as in `signed_in`.
        asked!(self, database => Box::pin(database.admitted(hash, now)).await)
    }

    /// Where an account's log ends.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn head(&self, user_id: UserId) -> Result<Head, StorageError> {
        let cursor = asked!(self, database => database.cursor(user_id).await)?;
        Ok(Head { epoch: self.epoch(), cursor })
    }

    /// A page of what changed after the request's cursor, from the beginning if the cursor belongs
    /// to another log. What one event touched stays on one page, and a page is read at one moment.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn latest(
        &self,
        user_id: UserId,
        request: &ChangesPageRequest,
    ) -> Result<ChangesPage, StorageError> {
        asked!(self, database => database.latest(user_id, request).await)
    }

    /// Takes a batch in, one after the other for each account. The inner result is the answer to
    /// the client; with an error in it nothing was written.
    ///
    /// # Errors
    /// If the database does not answer. Then nothing was written, unless the connection broke at
    /// the very end; to send the same events again is right in both cases.
    pub async fn append(
        &self,
        user_id: UserId,
        batch: Batch,
        received_at: Timestamp,
    ) -> Result<Result<Commit, BulkError>, StorageError> {
        asked!(self, database => database.append(user_id, batch, received_at).await)
    }
}
