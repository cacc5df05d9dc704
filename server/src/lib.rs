//! WiziTime's server: an axum and tokio shell around [`wizitime_hub`].
//!
//! What a connection may ask, what becomes of it and in which order is decided by
//! [`wizitime_hub::Session`]. Here are the sockets, the accounts, the database and the files.

mod api;
mod app;
mod app_files;
pub mod auth;
mod client_address;
mod clock;
mod command;
mod config;
mod headers;
pub mod healthcheck;
mod jobs;
pub mod maintenance;
mod metrics;
mod nodes;
mod origin;
mod random;
mod ready;
mod requests;
mod serve;
mod socket;
mod storage;

/// What the program prints before its address when it can be reached.
pub const GREETING: &str = "WiziTime is at http://";

pub use api::Endpoint;
pub use app::{App, StartError};
pub use app_files::EmbeddedFile;
pub use auth::PasswordCost;
pub use client_address::{Network, ParseNetworkError};
pub use command::Command;
pub use config::{Config, ConfigError, LogFormat, Place, USAGE};
pub use jobs::{Jobs, RunningJob};
pub use origin::Origin;
pub use random::Ids;
pub use serve::{RequestTimes, serve, watch};
pub use socket::{SocketLimits, SocketTimes};
pub use storage::{
    Admitted, BadDatabase, CopyError, Database, Logged, NewSocketToken, NewToken, NewUser,
    PostgresUrl, Revocation, SESSIONS_MAX, SOCKET_TOKENS_MAX, SignedIn, SignedInDevice, Storage,
    StorageError, User,
};
