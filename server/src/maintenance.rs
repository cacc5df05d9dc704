//! What is done with a database instead of serving from it. Each says in words what it did.

use std::path::Path;

use wizitime_domain::EpochId;

use crate::clock;
use crate::random::Ids;
use crate::storage::{self, CopyError, Database, PostgresUrl};

/// `migrate-to URL`
///
/// # Errors
/// See [`storage::migrate`].
pub async fn migrate_to(database: &Database, url: &PostgresUrl) -> Result<String, CopyError> {
    let Database::File(path) = database else { return Err(CopyError::NoFile) };
    let copied = storage::migrate(path, url).await?;
    Ok(format!(
        "{copied}All of it is in {url} now, and adds up to the same there.\n\
         {database} is as it was. From now on start servers with the URL only.\n"
    ))
}

/// `backup FILE`
///
/// # Errors
/// See [`storage::backup`].
pub async fn backup(database: &Database, to: &Path) -> Result<String, CopyError> {
    let copied = storage::backup(database, to).await?;
    Ok(format!("{copied}All of {database} is in {}, and adds up to the same.\n", to.display()))
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
    let ids = Ids::from_os().map_err(CopyError::Random)?;
    let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
    let copied = storage::restore(from, database, overwrite, epoch).await?;
    Ok(format!(
        "{copied}{database} is what {} holds, under the new epoch {epoch}:\n\
         clients offer again what it lacks.\n",
        from.display()
    ))
}
