//! The stories and the promises of the storage again, on PostgreSQL, and what only PostgreSQL can
//! do. The tests start a PostgreSQL of their own (`cluster.rs`).

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a story that fails is to panic")]

#[path = "../stories/accounts.rs"]
mod accounts;
#[path = "../stories/backups.rs"]
mod backups;
#[path = "../stories/client.rs"]
#[expect(dead_code, reason = "other stories say more")]
mod client;
mod cluster;
#[path = "../stories/conformance.rs"]
mod conformance;
mod convergence;
#[path = "../stories/events.rs"]
mod events;
#[path = "../stories/failures.rs"]
mod failures;
#[path = "../stories/heard.rs"]
mod heard;
mod home;
#[path = "../stories/http.rs"]
mod http;
mod migration;
mod mute;
mod nodes;
#[path = "../stories/possession.rs"]
mod possession;
#[path = "../stories/socket_tokens.rs"]
mod socket_tokens;
#[path = "../stories/strangers.rs"]
mod strangers;
#[path = "../stories/sync.rs"]
mod sync;
mod tls;
mod trouble;
#[path = "../stories/world.rs"]
#[expect(dead_code, reason = "other stories need more of a server")]
mod world;
