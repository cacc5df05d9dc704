//! Opens and checks the source and the target of a copy, and starts their transactions.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use wizitime_domain::EpochId;

use super::super::database::APPLICATION;
#[cfg(unix)]
use super::super::file_owner::FileOwner;
use super::super::{PostgresUrl, StorageError, migrations, sqlite};
use super::CopyError;
use super::connection::CopyConnection;
#[cfg(unix)]
use crate::access::folder;

/// How long to wait for the lock of a file that a server uses.
const BUSY_TIMEOUT_MS: u64 = 2_000;
/// The primary result code of a locked file (`SQLITE_BUSY`); extended codes set the higher bytes.
const SQLITE_BUSY: u32 = 5;

/// Ends what gives access to accounts and may have been revoked or used since a backup.
const END_ACCESS: [&str; 5] = [
    "DELETE FROM tokens",
    "DELETE FROM invitations",
    "DELETE FROM password_links",
    "DELETE FROM oidc_codes",
    "DELETE FROM two_step WHERE confirmed_at IS NULL",
];

/// An SQLite source that servers may be writing to.
pub(super) async fn sqlite_source(path: &Path) -> Result<CopyConnection, CopyError> {
    require_file(path)?;
    let mut connection = options(path).read_only(true).connect().await?;
    let versions = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
    let versions = sqlx::query_scalar(versions).fetch_all(&mut connection).await?;
    same_version(&migrations::SQLITE, &versions)?;
    connection.execute("BEGIN").await?;
    Ok(CopyConnection::Sqlite(connection))
}

/// An SQLite source, locked exclusively and migrated.
pub(super) async fn exclusive_sqlite_source(path: &Path) -> Result<CopyConnection, CopyError> {
    let options = options(path).locking_mode(SqliteLockingMode::Exclusive);
    let opened = async {
        let mut connection = options.connect().await?;
        connection.execute("BEGIN EXCLUSIVE; COMMIT").await?;
        Ok::<_, sqlx::Error>(connection)
    };
    let mut connection = opened.await.map_err(|error| in_use(path, error))?;
    migrations::SQLITE.run(&mut connection).await.map_err(StorageError::Migration)?;
    connection.execute("BEGIN").await?;
    Ok(CopyConnection::Sqlite(connection))
}

/// A new SQLite file with empty tables, readable only by its owner.
pub(super) async fn sqlite_target(path: &Path) -> Result<CopyConnection, CopyError> {
    refuse_existing(path)?;
    sqlite::make_private(path)?;
    let options = options(path).journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.synchronous(SqliteSynchronous::Full).connect().await?;
    migrations::SQLITE.run(&mut connection).await.map_err(StorageError::Migration)?;
    connection.execute("BEGIN").await?;
    Ok(CopyConnection::Sqlite(connection))
}

/// A verified and migrated copy of a backup.
pub(super) async fn backup_copy(
    from: &Path,
    copy: &Path,
    new_epoch: Option<EpochId>,
) -> Result<CopyConnection, CopyError> {
    require_file(from)?;
    refuse_existing(copy)?;
    let invalid = |reason: &str| CopyError::InvalidBackup {
        path: from.to_owned(),
        reason: reason.to_owned(),
    };
    if super::with_suffix(from, "-wal").exists() {
        return Err(invalid("part of it is in a -wal file, so a server has it open or crashed"));
    }
    let mut backup = File::open(from).map_err(|error| unreadable(from, error))?;
    sqlite::make_private(copy)?;
    if let Err(error) = copy_durably(&mut backup, copy) {
        remove(copy)?;
        return Err(file_error(copy, error));
    }
    match open_backup(copy, new_epoch).await {
        Ok(connection) => Ok(connection),
        Err(reason) => {
            remove(copy)?;
            Err(invalid(&reason))
        }
    }
}

fn copy_durably(from: &mut File, to: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).open(to)?;
    io::copy(from, &mut file)?;
    file.sync_all()
}

/// With a new epoch all sessions end. The error is the reason why the backup is invalid.
async fn open_backup(copy: &Path, new_epoch: Option<EpochId>) -> Result<CopyConnection, String> {
    let message = |error: sqlx::Error| error.to_string();
    let options = options(copy).journal_mode(SqliteJournalMode::Delete);
    let mut connection =
        options.synchronous(SqliteSynchronous::Full).connect().await.map_err(message)?;
    let check = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection);
    let check: String = check.await.map_err(message)?;
    if check != "ok" {
        return Err(check);
    }
    let epochs = sqlx::query_scalar("SELECT count(*) FROM meta WHERE name = 'epoch'");
    let epochs: i64 = epochs.fetch_one(&mut connection).await.map_err(message)?;
    if epochs != 1 {
        return Err("it has no epoch".to_owned());
    }
    let migrated = migrations::SQLITE.run(&mut connection).await;
    migrated.map_err(|error| error.to_string())?;
    if let Some(epoch) = new_epoch {
        sqlx::query("UPDATE meta SET value = ? WHERE name = 'epoch'")
            .bind(&epoch.as_bytes()[..])
            .execute(&mut connection)
            .await
            .map_err(message)?;
        for statement in END_ACCESS {
            connection.execute(statement).await.map_err(message)?;
        }
    }
    Ok(CopyConnection::Sqlite(connection))
}

/// A PostgreSQL source that servers may be writing to.
pub(super) async fn postgres_source(url: &PostgresUrl) -> Result<CopyConnection, CopyError> {
    let mut connection = url.options().disable_statement_logging().connect().await?;
    let versions = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
    let versions = sqlx::query_scalar(versions).fetch_all(&mut connection).await?;
    same_version(&migrations::POSTGRES, &versions)?;
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    Ok(CopyConnection::Postgres(connection))
}

/// A PostgreSQL target that no server uses, with empty tables. With `overwrite` they are truncated.
pub(super) async fn postgres_target(
    url: &PostgresUrl,
    overwrite: bool,
) -> Result<CopyConnection, CopyError> {
    let mut connection = url.options().disable_statement_logging().connect().await?;
    refuse_servers(&mut connection, url).await?;
    migrations::POSTGRES.run(&mut connection).await.map_err(StorageError::Migration)?;
    // A server that starts now waits until the copy is committed.
    connection.execute("BEGIN; LOCK TABLE meta, users IN ACCESS EXCLUSIVE MODE").await?;
    let users: i64 =
        sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&mut connection).await?;
    if users > 0 && !overwrite {
        return Err(CopyError::NotEmpty(url.to_string()));
    }
    // Also an empty database has an epoch if a server was started on it.
    let truncate = "TRUNCATE meta, users, tokens, socket_tokens, invitations, password_links, \
                    two_step, recovery_codes, oidc_identities, oidc_codes, wrong_passwords, audit, \
                    events, time_entries, catalog";
    connection.execute(truncate).await?;
    Ok(CopyConnection::Postgres(connection))
}

/// Fails if a server is connected to the database.
pub(super) async fn refuse_servers(
    connection: &mut PgConnection,
    url: &PostgresUrl,
) -> Result<(), CopyError> {
    let servers: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND application_name = $1",
    )
    .bind(APPLICATION)
    .fetch_one(connection)
    .await?;
    if servers > 0 {
        return Err(CopyError::InUse(url.to_string()));
    }
    Ok(())
}

/// Renames a file that no server uses, together with its write-ahead log.
pub(super) async fn move_aside(path: &Path, to: &Path) -> Result<(), CopyError> {
    refuse_existing(to)?;
    // Switching the journal mode takes all locks and merges the write-ahead log into the file.
    let options = options(path).journal_mode(SqliteJournalMode::Delete);
    match options.connect().await {
        Ok(connection) => connection.close().await?,
        Err(error) if is_busy(&error) => return Err(in_use(path, error)),
        // A damaged file may be replaced by a backup.
        Err(_) => (),
    }
    for suffix in ["-wal", "-shm"] {
        let file = super::with_suffix(path, suffix);
        if file.exists() {
            rename(&file, &super::with_suffix(to, suffix))?;
        }
    }
    rename(path, to)
}

/// Renames a file durably: syncs the file and its folder.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), CopyError> {
    let renamed = File::open(from)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(from, to))
        .and_then(|()| sync_folder(to));
    renamed.map_err(|error| file_error(to, error))
}

/// Gives a new file the owner and the mode of the file that it replaces, or the owner of the folder
/// if there is none: the service must be able to open what root has restored.
#[cfg(unix)]
pub(super) fn keep_access(replaced: &Path, new: &Path) -> Result<(), CopyError> {
    let error = |error| file_error(replaced, error);
    let owner = FileOwner::of_database(replaced).map_err(error)?;
    if !replaced.exists() {
        return owner.give(new).map_err(error);
    }
    owner.give_always(new).map_err(|error| CopyError::Owner {
        path: replaced.to_owned(),
        uid: owner.uid(),
        error,
    })?;
    let permissions = std::fs::metadata(replaced).map_err(error)?.permissions();
    std::fs::set_permissions(new, permissions).map_err(error)
}

#[cfg(not(unix))]
pub(super) fn keep_access(_replaced: &Path, _new: &Path) -> Result<(), CopyError> {
    Ok(())
}

pub(super) fn remove(path: &Path) -> Result<(), CopyError> {
    std::fs::remove_file(path).map_err(|error| file_error(path, error))
}

pub(super) fn refuse_existing(path: &Path) -> Result<(), CopyError> {
    if path.exists() { Err(CopyError::Exists(path.to_owned())) } else { Ok(()) }
}

pub(super) fn require_file(path: &Path) -> Result<(), CopyError> {
    match path.metadata() {
        Ok(file) if file.is_file() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(unreadable(path, error))
        }
        Ok(_) | Err(_) => Err(CopyError::Missing(path.to_owned())),
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path)).and_then(|folder| folder.sync_all())
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))
        .disable_statement_logging()
}

fn same_version(migrator: &Migrator, found: &[i64]) -> Result<(), CopyError> {
    let is_same = migrator.iter().map(|migration| migration.version).eq(found.iter().copied());
    if is_same { Ok(()) } else { Err(CopyError::SchemaMismatch) }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

pub(super) fn in_use(path: &Path, error: sqlx::Error) -> CopyError {
    if is_busy(&error) { CopyError::InUse(path.display().to_string()) } else { error.into() }
}

fn unreadable(path: &Path, error: io::Error) -> CopyError {
    CopyError::Unreadable { path: PathBuf::from(path), error }
}

fn file_error(path: &Path, error: io::Error) -> CopyError {
    CopyError::File { path: PathBuf::from(path), error }
}
