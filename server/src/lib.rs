//! WiziTime's server: an axum and tokio shell around [`wizitime_hub`].
//!
//! [`wizitime_hub::Session`] decides what a connection may request, in which order requests are
//! handled, and what is replied. This crate provides the sockets, the accounts, the database and
//! the app's files.

mod access;
mod api;
mod app_files;
pub mod audit;
pub mod auth;
mod client_address;
mod clock;
mod cluster;
mod command;
mod config;
mod headers;
pub mod healthcheck;
mod host;
mod jobs;
pub mod mail;
pub mod maintenance;
mod metrics;
mod monitoring;
pub mod oidc;
mod origin;
mod password_resets;
mod random;
mod refused_origins;
mod registry;
mod requests;
mod router;
mod serve;
mod socket;
mod state;
mod storage;
mod timeouts;
mod trusted_proxies;
mod uncertain_appends;
mod untrusted_proxies;
pub mod users;
mod write_limiter;

/// The start of the line that the program prints to standard output once it accepts connections.
/// The address follows.
pub const READY_LINE: &str = "WiziTime is at http://";

pub use api::Endpoint;
pub use app_files::EmbeddedFile;
pub use auth::PasswordCost;
pub use command::{Command, Invocation};
pub use config::{Config, ConfigError, ConfigSource, LogFormat, PublicUrl, Registration};
pub use jobs::{Jobs, RunningJob};
pub use origin::Origin;
pub use random::IdGenerator;
pub use registry::SocketLimits;
pub use serve::{ConnectionLimits, bind, serve, serve_metrics};
pub use socket::ReceiveLimits;
pub use state::{App, StartError};
pub use storage::{
    AUDIT_EVENTS_MAX, AUDIT_LIFE_MS, Admission, AuditRow, CopyError, Database, DeviceSession,
    LoggedEvent, LostFile, NO_PASSWORD, NewInvitation, NewOidcCode, NewPasswordLink,
    NewSocketToken, NewToken, NewUser, OIDC_CODES_MAX, OidcIdentity, OidcLink, ParseDatabaseError,
    PasswordSet, PostgresUrl, Revocation, SESSIONS_MAX, SOCKET_TOKENS_MAX, SignUpOutcome,
    SignedInUser, SocketAuth, Storage, StorageError, TwoStep, TwoStepChange, User, UserSummary,
};
pub use timeouts::{RequestTimeouts, SocketTimeouts};
pub use trusted_proxies::TrustedProxies;
pub use write_limiter::WriteLimits;
