//! The server's state, shared by all handlers.

#[cfg(feature = "testing")]
mod testing;

use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use tracing::info;
use wizitime_domain::{EpochId, UserId};

use crate::app_files::AppFiles;
use crate::audit::{self, AuditEvent, AuditSubject};
use crate::auth::{
    AttemptLimiter, OIDC_LIMIT, PasswordCost, PasswordError, PasswordLimiter, Passwords,
    ResetLimiter, SIGN_UP_LIMIT,
};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::cluster;
use crate::config::{Config, Registration};
use crate::jobs::Jobs;
use crate::mail::MailError;
use crate::metrics::Metrics;
use crate::oidc::{Oidc, OidcError};
use crate::origin::Origin;
use crate::password_resets::PasswordResets;
use crate::random::IdGenerator;
use crate::refused_origins::RefusedOrigins;
use crate::registry::{Registry, SocketLimits};
use crate::serve::{ConnectionLimits, ConnectionSlots};
use crate::socket::{ReceiveBudget, ReceiveLimits};
use crate::storage::{Storage, StorageError};
use crate::timeouts::{RequestTimeouts, SocketTimeouts};
use crate::trusted_proxies::TrustedProxies;
use crate::uncertain_appends::UncertainAppends;
use crate::untrusted_proxies::UntrustedProxies;

/// The server's state. Handlers share it behind an [`Arc`].
#[derive(Debug)]
pub struct App {
    pub(crate) storage: Storage,
    pub(crate) jobs: Jobs,
    pub(crate) uncertain_appends: UncertainAppends,
    pub(crate) passwords: Passwords,
    pub(crate) password_limiter: PasswordLimiter,
    pub(crate) sign_up_limiter: AttemptLimiter,
    pub(crate) oidc: Option<Oidc>,
    pub(crate) oidc_limiter: AttemptLimiter,
    pub(crate) reset_limiter: ResetLimiter,
    /// None if the server sends no mails.
    pub(crate) password_resets: Option<PasswordResets>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) registration: Registration,
    pub(crate) untrusted_proxies: UntrustedProxies,
    pub(crate) refused_origins: RefusedOrigins,
    pub(crate) request_timeouts: RequestTimeouts,
    pub(crate) connection_slots: Arc<ConnectionSlots>,
    pub(crate) socket_limits: SocketLimits,
    pub(crate) receive_budget: Arc<ReceiveBudget>,
    pub(crate) ids: IdGenerator,
    pub(crate) registry: Arc<Registry>,
    pub(crate) allow_origins: Vec<Origin>,
    pub(crate) files: Option<AppFiles>,
    pub(crate) socket_timeouts: SocketTimeouts,
    pub(crate) metrics: Arc<Metrics>,
}

/// The server cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The database cannot be opened.
    Storage(StorageError),
    /// The password hasher cannot be set up.
    Passwords(PasswordError),
    /// The sign-in with a provider cannot be offered.
    Oidc(OidcError),
    /// Mails cannot be sent.
    Mail(MailError),
    /// The operating system's random number generator failed.
    Random(getrandom::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Passwords(error) => error.fmt(f),
            Self::Oidc(error) => error.fmt(f),
            Self::Mail(error) => error.fmt(f),
            Self::Random(error) => write!(f, "no randomness: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl App {
    /// Opens the database and builds the state.
    ///
    /// # Errors
    /// If the database cannot be opened, or the operating system provides no randomness.
    pub async fn start(config: &Config, cost: PasswordCost) -> Result<Self, StartError> {
        let ids = IdGenerator::from_os().map_err(StartError::Random)?;
        let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
        let storage = Storage::open(&config.database, epoch).await.map_err(StartError::Storage)?;
        config.trusted_proxies.warn_of_open_networks();
        if !storage.has_users().await.map_err(StartError::Storage)? {
            let registration = config.registration;
            info!(registration = registration.name(), "{}", registration.first_start());
        }
        let registry = Arc::default();
        cluster::subscribe(&storage, &registry);
        let metrics = Arc::new(Metrics::new(clock::now(), storage.errors()));
        let password_resets = PasswordResets::start(config, &storage, &metrics)?;
        Ok(Self {
            jobs: Jobs::for_storage(storage.clone(), config.write_limits),
            uncertain_appends: UncertainAppends::start(&storage, &registry),
            storage,
            passwords: Passwords::new(cost).map_err(StartError::Passwords)?,
            password_limiter: PasswordLimiter::new(),
            sign_up_limiter: AttemptLimiter::new(SIGN_UP_LIMIT),
            oidc: Oidc::from_config(config).map_err(StartError::Oidc)?,
            oidc_limiter: AttemptLimiter::new(OIDC_LIMIT),
            reset_limiter: ResetLimiter::new(),
            password_resets,
            registration: config.registration,
            trusted_proxies: config.trusted_proxies.clone(),
            untrusted_proxies: UntrustedProxies::default(),
            refused_origins: RefusedOrigins::default(),
            request_timeouts: RequestTimeouts::default(),
            connection_slots: Arc::new(ConnectionSlots::new(
                ConnectionLimits::default(),
                config.trusted_proxies.clone(),
            )),
            socket_limits: SocketLimits::default(),
            receive_budget: Arc::new(ReceiveBudget::new(ReceiveLimits::default())),
            ids,
            registry,
            allow_origins: config.allow_origins.clone(),
            files: config.app.clone().map(AppFiles::from_folder).or_else(AppFiles::from_program),
            socket_timeouts: SocketTimeouts::default(),
            metrics,
        })
    }

    /// Adds to the audit log what a client at this address did.
    pub(crate) async fn audit(
        &self,
        event: AuditEvent,
        user_id: Option<UserId>,
        address: ClientAddress,
    ) {
        let subject = AuditSubject { user_id, address: Some(address.ip) };
        audit::record(&self.storage, &self.ids, event, subject).await;
    }

    /// Stops sending mails, after the first attempt at each.
    pub(crate) async fn finish_mails(&self) {
        if let Some(resets) = &self.password_resets {
            resets.stop().await;
        }
    }

    /// The database.
    pub const fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Whether the page that sends a request may use the server.
    pub(crate) fn accepts_page(&self, headers: &HeaderMap) -> bool {
        self.refused_origins.allows(&self.allow_origins, headers)
    }

    /// Whether the configuration allows pages of this cross origin to connect.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        self.allow_origins.contains(origin)
    }
}
