//! The schema migrations, embedded in the program.
//!
//! `sqlx::migrate!` would do the same, but its crate contains both drivers, so that SQLite and
//! everything else would be compiled a second time for the compiler.

use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Version, description and SQL of a migration, as its file is named.
type Source = (i64, &'static str, &'static str);

const SQLITE_SOURCES: [Source; 6] = [
    (1, "accounts", include_str!("../../migrations/sqlite/0001_accounts.sql")),
    (2, "log", include_str!("../../migrations/sqlite/0002_log.sql")),
    (3, "registration", include_str!("../../migrations/sqlite/0003_registration.sql")),
    (4, "audit", include_str!("../../migrations/sqlite/0004_audit.sql")),
    (5, "two step", include_str!("../../migrations/sqlite/0005_two_step.sql")),
    (6, "oidc", include_str!("../../migrations/sqlite/0006_oidc.sql")),
];

const POSTGRES_SOURCES: [Source; 8] = [
    (1, "accounts", include_str!("../../migrations/postgres/0001_accounts.sql")),
    (2, "log", include_str!("../../migrations/postgres/0002_log.sql")),
    (3, "socket tokens", include_str!("../../migrations/postgres/0003_socket_tokens.sql")),
    (4, "wrong passwords", include_str!("../../migrations/postgres/0004_wrong_passwords.sql")),
    (5, "registration", include_str!("../../migrations/postgres/0005_registration.sql")),
    (6, "audit", include_str!("../../migrations/postgres/0006_audit.sql")),
    (7, "two step", include_str!("../../migrations/postgres/0007_two_step.sql")),
    (8, "oidc", include_str!("../../migrations/postgres/0008_oidc.sql")),
];

/// The migrations of `server/migrations/sqlite`.
pub(super) static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator(&SQLITE_SOURCES));

/// The migrations of `server/migrations/postgres`.
pub(super) static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator(&POSTGRES_SOURCES));

fn migrator(sources: &[Source]) -> Migrator {
    let migrations = sources.iter().map(|&(version, description, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(version, description.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Databases store version, description and checksum of each migration.
    async fn assert_equals_folder(migrator: &Migrator, folder: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let expected = Migrator::new(path.as_path()).await.unwrap();
        let rows = |migrator: &Migrator| {
            let rows = migrator.iter().map(|it| {
                let kind = format!("{:?}", it.migration_type);
                (it.version, it.description.clone(), kind, it.checksum.clone(), it.no_tx)
            });
            rows.collect::<Vec<_>>()
        };
        assert_eq!(rows(migrator), rows(&expected), "server/migrations/{folder}");
    }

    #[tokio::test]
    async fn embedded_migrations_are_those_of_the_folders() {
        assert_equals_folder(&SQLITE, "sqlite").await;
        assert_equals_folder(&POSTGRES, "postgres").await;
    }
}
