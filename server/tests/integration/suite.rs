//! Tests that run on SQLite and on PostgreSQL.

mod account_data;
mod accounts;
mod audit;
mod authorization;
mod backups;
mod compact;
mod conformance;
mod failures;
mod mail;
mod oidc;
mod oidc_accounts;
mod registration;
mod socket_tokens;
mod strictness;
mod sync;
mod two_step;
mod uncertain_appends;
mod users;
mod write_limits;
