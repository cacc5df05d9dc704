//! Tests of the SQLite backend.

mod database_files;
mod group_commit;
#[cfg(unix)]
mod lost_files;
