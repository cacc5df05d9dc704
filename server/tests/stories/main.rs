//! Stories of the server, told through the real router on a free port of this machine.

#![expect(clippy::unwrap_used, reason = "a story that fails is to panic")]

mod accounts;
mod backups;
mod channels;
mod client;
mod conformance;
mod events;
mod failures;
mod faults;
mod files;
mod files_of_sqlite;
mod group_commit;
mod handshake;
mod heard;
mod home;
mod http;
mod log;
mod operations;
mod possession;
mod requests;
mod shutdown;
mod socket_tokens;
mod strangers;
mod sync;
mod world;
