//! Maintenance commands on a database. Each returns a report for the terminal.

use std::path::Path;

use wizitime_domain::EpochId;

use crate::audit::{self, AuditEvent, AuditSubject};
use crate::clock;
use crate::random::IdGenerator;
use crate::storage::{self, CopyError, Database, PostgresUrl, Storage};

/// `migrate-to URL`
///
/// # Errors
/// See [`storage::migrate`].
pub async fn migrate_to(database: &Database, url: &PostgresUrl) -> Result<String, CopyError> {
    let Database::File(path) = database else { return Err(CopyError::NotSqlite) };
    let copied = storage::migrate(path, url).await?;
    Ok(format!(
        "{copied}{database} was copied to {url}; all checksums match.\n\
         The file is unchanged. From now on start servers with the URL only.\n"
    ))
}

/// `backup FILE`
///
/// # Errors
/// See [`storage::backup`].
pub async fn backup(database: &Database, to: &Path) -> Result<String, CopyError> {
    let copied = storage::backup(database, to).await?;
    Ok(format!("{copied}{database} was backed up to {}; all checksums match.\n", to.display()))
}

/// `restore FILE`
///
/// # Errors
/// See [`storage::restore`].
pub async fn restore(
    database: &Database,
    from: &Path,
    overwrite: bool,
) -> Result<String, CopyError> {
    let ids = IdGenerator::from_os().map_err(CopyError::Random)?;
    let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
    let copied = storage::restore(from, database, overwrite, epoch).await?;
    let restored = Storage::open_beside(database, epoch).await?;
    let subject = AuditSubject { user_id: None, address: None };
    audit::record(&restored, &ids, AuditEvent::Restored, subject).await;
    restored.close().await;
    Ok(format!(
        "{copied}{database} was restored from {} under the new epoch {epoch}.\n\
         All sessions were ended: users sign in again, and their devices resend archived events \
         that the backup lacks.\n\
         Passwords are those of the backup: users who changed theirs since then must change it \
         again.\n",
        from.display()
    ))
}

/// `compact`
///
/// # Errors
/// See [`storage::compact`].
pub async fn compact(database: &Database) -> Result<String, CopyError> {
    let sizes = storage::compact(database).await?;
    Ok(format!("{database} was compacted: {sizes}.\n"))
}
