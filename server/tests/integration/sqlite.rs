//! Tests of the SQLite backend.

mod database_files;
#[cfg(unix)]
mod file_lock;
mod group_commit;
#[cfg(unix)]
mod lost_files;
#[cfg(unix)]
mod restored_file;
