//! The database: accounts, an append-only event log per account, and the entities that result from
//! each log.
//!
//! There are two backends: an SQLite file for one server, and PostgreSQL for any number of servers.
//! Both have the same behaviour (`server/tests/integration/suite/conformance.rs`), and callers do
//! not distinguish them. A write is acknowledged when it is on disk.

#[macro_use]
mod backend_macros;

mod account;
mod advice;
mod audit;
mod column;
mod conn_guard;
mod copy;
mod database;
mod error;
mod file_owner;
mod head;
mod migrations;
mod node_event;
mod oidc;
mod postgres;
mod readiness;
mod registration;
mod sqlite;
mod two_step;

use std::sync::Arc;

use tokio::sync::mpsc;
use wizitime_domain::{EpochId, Timestamp, UserId};
use wizitime_hub::{Batch, Commit, Loaded};
use wizitime_protocol::messages::{BulkError, ChangesPage, ChangesPageRequest};

pub use account::{
    DeviceSession, LoggedEvent, NO_PASSWORD, NewSocketToken, NewToken, NewUser, Revocation,
    SignedInUser, SocketAuth, User,
};
pub use audit::{AUDIT_EVENTS_MAX, AUDIT_LIFE_MS, AuditRow};
pub use copy::CopyError;
pub(crate) use copy::{backup, compact, migrate, restore};
pub use database::{Database, ParseDatabaseError, PostgresUrl};
pub use error::StorageError;
pub(crate) use node_event::NodeEvent;
pub use oidc::{NewOidcCode, OIDC_CODES_MAX, OidcIdentity, OidcLink};
pub(crate) use readiness::NotReady;
pub use registration::{
    Admission, NewInvitation, NewPasswordLink, PasswordSet, SignUpOutcome, UserSummary,
};
pub use sqlite::LostFile;
pub use two_step::{TwoStep, TwoStepChange};

use crate::auth::{Email, PasswordAttemptKey, TokenHash};
use crate::metrics::{Counters, DbErrorKind};
use crate::write_limiter::quota_exceeded;
use postgres::Postgres;
use readiness::WriteProbe;
use sqlite::Sqlite;

/// Sessions that an account may have. One more sign-in revokes the oldest session, because a
/// refusal would lock the owner out.
pub const SESSIONS_MAX: usize = 100;

/// Socket tokens that a session may have; one more revokes the oldest. All tabs of a browser
/// profile share a session, and each requests a token for every connection.
pub const SOCKET_TOKENS_MAX: usize = 64;

/// A handle of the database. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Storage {
    backend: Backend,
    errors: Arc<Counters<DbErrorKind>>,
    write_probe: Arc<WriteProbe>,
}

#[derive(Clone, Debug)]
enum Backend {
    /// One file, for one server.
    Sqlite(Sqlite),
    /// A PostgreSQL database that several servers may share.
    Postgres(Postgres),
}

/// A batch to append to an account's log.
#[derive(Debug)]
struct NewBatch {
    user_id: UserId,
    batch: Batch,
    received_at: Timestamp,
    /// By how many bytes the log may grow.
    room_bytes: u64,
}

impl NewBatch {
    /// Decides what the batch does; see [`Batch::plan`].
    fn plan(self, loaded: Loaded) -> Result<Commit, BulkError> {
        let commit = self.batch.plan(loaded, self.received_at)?;
        if commit.bytes() > self.room_bytes { Err(quota_exceeded()) } else { Ok(commit) }
    }
}

impl Storage {
    /// Opens the database and migrates its tables. `new_epoch` becomes the epoch of an empty
    /// database. A missing SQLite file is created; a PostgreSQL database must exist.
    ///
    /// # Errors
    /// If the database cannot be opened or written, or was migrated by a newer version.
    pub async fn open(database: &Database, new_epoch: EpochId) -> Result<Self, StorageError> {
        match database {
            Database::File(path) => Sqlite::open(path, new_epoch).await.map(Backend::Sqlite),
            Database::Postgres(url) => Postgres::open(url, new_epoch).await.map(Backend::Postgres),
        }
        .map(Self::new)
    }

    fn new(backend: Backend) -> Self {
        Self { backend, errors: Arc::default(), write_probe: Arc::default() }
    }

    /// The epoch of the logs in this database.
    pub const fn epoch(&self) -> EpochId {
        with_backend!(self, database => database.epoch())
    }

    /// Waits for running operations and closes all connections.
    pub async fn close(&self) {
        with_backend!(self, database => database.close().await);
    }

    /// The events of other servers and commands on the same database from now on.
    pub(crate) fn node_events(&self) -> mpsc::Receiver<NodeEvent> {
        with_backend!(self, database => database.node_events())
    }

    /// The number of failed operations by kind.
    pub(crate) fn errors(&self) -> &Counters<DbErrorKind> {
        &self.errors
    }

    fn count_error<T>(&self, result: Result<T, StorageError>) -> Result<T, StorageError> {
        if let Err(error) = &result {
            self.errors.increment(error.kind());
        }
        result
    }

    /// Reads and writes, without a change.
    ///
    /// # Errors
    /// If the database is unavailable, or accepts no writes.
    pub(crate) async fn check_readiness(&self) -> Result<(), NotReady> {
        let no_user = UserId::from_bytes([0; 16]);
        counted!(self, database => database.cursor(no_user).await).map_err(NotReady::unreadable)?;
        let write = async { counted!(self, database => database.probe_write().await) };
        self.write_probe.run(write).await.map_err(NotReady::unwritable)
    }

    /// Adds a token to an account and deletes expired tokens and those over [`SESSIONS_MAX`].
    /// Returns the tokens that were valid until now; none if the account is disabled or deleted.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_token(&self, token: NewToken) -> Result<Option<Vec<TokenHash>>, StorageError> {
        counted!(self, database => database.add_token(token).await)
    }

    /// Revokes tokens of an account and returns them.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn revoke(
        &self,
        user_id: UserId,
        scope: Revocation,
    ) -> Result<Vec<TokenHash>, StorageError> {
        counted!(self, database => database.revoke(user_id, scope).await)
    }

    /// Changes the password and revokes all tokens except `kept`. Returns the revoked tokens.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn change_password(
        &self,
        user_id: UserId,
        password_hash: String,
        kept: TokenHash,
    ) -> Result<Vec<TokenHash>, StorageError> {
        counted!(self, database => {
            database.change_password(user_id, password_hash, kept).await
        })
    }

    /// Deletes an account and all its data.
    ///
    /// # Errors
    /// If the database is unavailable; then nothing is deleted.
    pub async fn delete_account(&self, user_id: UserId) -> Result<(), StorageError> {
        counted!(self, database => database.delete_account(user_id).await)
    }

    /// The devices that are signed in at `now`, ordered by sign-in.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn devices(
        &self,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Vec<DeviceSession>, StorageError> {
        counted!(self, database => database.devices(user_id, now).await)
    }

    /// The first `limit` events of an account's log after the sequence number `since`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn events(
        &self,
        user_id: UserId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StorageError> {
        counted!(self, database => database.events(user_id, since, limit).await)
    }

    /// The account with this email, in any of its forms.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn find_user(&self, email: &Email) -> Result<Option<User>, StorageError> {
        for form in email.forms() {
            let found = counted!(self, database => database.find_user(form).await)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Counts a wrong password for all servers of the database. An SQLite file has one server,
    /// which counts in memory ([`PasswordLimiter`](crate::auth::PasswordLimiter)).
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn count_wrong_password(
        &self,
        key: &PasswordAttemptKey,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(it) => self.count_error(it.count_wrong_password(key, now).await),
        }
    }

    /// The milliseconds to wait, if the servers of the database counted too many wrong passwords.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn wrong_passwords_wait_ms(
        &self,
        key: &PasswordAttemptKey,
        now: Timestamp,
    ) -> Result<Option<i64>, StorageError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(None),
            Backend::Postgres(it) => self.count_error(it.wrong_passwords_wait_ms(key, now).await),
        }
    }

    /// Forgets the wrong passwords of an address at one account.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn forget_wrong_passwords(
        &self,
        key: &PasswordAttemptKey,
    ) -> Result<(), StorageError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(it) => self.count_error(it.forget_wrong_passwords(key).await),
        }
    }

    /// The user of a session token, if it is valid at `now`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn authenticate(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInUser>, StorageError> {
        // Boxed, because inline every idle connection task would reserve space for the futures of
        // both backends.
        counted!(self, database => Box::pin(database.authenticate(hash, now)).await)
    }

    /// Adds a socket token to a session and deletes the session's expired socket tokens and those
    /// over [`SOCKET_TOKENS_MAX`]. `false` if the session does not exist.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn add_socket_token(&self, token: NewSocketToken) -> Result<bool, StorageError> {
        counted!(self, database => database.add_socket_token(token).await)
    }

    /// The session for which a token opens a socket at `now`. The token is a session token or a
    /// socket token.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn authenticate_socket(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SocketAuth>, StorageError> {
        // Boxed for the same reason as in `authenticate`.
        counted!(self, database => Box::pin(database.authenticate_socket(hash, now)).await)
    }

    /// A page of the entities changed after the request's cursor; from the beginning if the request
    /// has another epoch. The changes of one event stay on one page, and a page is one snapshot.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn changes_page(
        &self,
        user_id: UserId,
        request: &ChangesPageRequest,
    ) -> Result<ChangesPage, StorageError> {
        counted!(self, database => database.changes_page(user_id, request).await)
    }

    /// Appends a batch to an account's log; appends to one account are serialized. The inner result
    /// is the reply to the client; on an inner error nothing was written.
    ///
    /// # Errors
    /// If the database is unavailable. Then nothing was written, unless the connection was lost
    /// during COMMIT. Sending the same events again is correct in both cases.
    pub async fn append(
        &self,
        user_id: UserId,
        batch: Batch,
        received_at: Timestamp,
    ) -> Result<Result<Commit, BulkError>, StorageError> {
        self.append_within(user_id, batch, received_at, u64::MAX).await
    }

    /// Like [`Storage::append`], if the log grows by `room_bytes` at most.
    ///
    /// # Errors
    /// See [`Storage::append`].
    pub(crate) async fn append_within(
        &self,
        user_id: UserId,
        batch: Batch,
        received_at: Timestamp,
        room_bytes: u64,
    ) -> Result<Result<Commit, BulkError>, StorageError> {
        let append = NewBatch { user_id, batch, received_at, room_bytes };
        counted!(self, database => database.append(append).await)
    }

    /// The bytes of the events in an account's log.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub(crate) async fn log_bytes(&self, user_id: UserId) -> Result<u64, StorageError> {
        counted!(self, database => database.log_bytes(user_id).await)
    }
}
