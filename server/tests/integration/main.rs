//! Integration tests of the server, through its real router and its program.
//!
//! `suite` runs on both backends, `server` only on SQLite because it does not depend on the
//! database, `sqlite` and `postgres` test one backend.

#![expect(clippy::unwrap_used, reason = "a failed step fails its test")]

#[cfg(unix)]
mod postgres;
mod server;
mod sqlite;
mod suite;
