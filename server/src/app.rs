//! Everything that the handlers share, and the routes to them.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use wizitime_domain::EpochId;

use crate::api;
use crate::app_files::{self, AppFiles, EmbeddedFile};
use crate::auth::{PasswordCost, PasswordError, Passwords, Throttle};
use crate::client_address::Network;
use crate::clock;
use crate::config::Config;
use crate::headers;
use crate::jobs::Jobs;
use crate::metrics::{self, Metrics};
use crate::nodes;
use crate::origin::Origin;
use crate::random::Ids;
use crate::ready;
use crate::requests;
use crate::serve::RequestTimes;
use crate::socket::{self, Registry, SocketLimits, SocketTimes};
use crate::storage::{Storage, StorageError};

/// The server's state. Handlers share it behind an [`Arc`].
#[derive(Debug)]
pub struct App {
    pub(crate) storage: Storage,
    pub(crate) jobs: Jobs,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) sign_ups: Throttle,
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) request_times: RequestTimes,
    pub(crate) socket_limits: SocketLimits,
    pub(crate) ids: Ids,
    pub(crate) registry: Arc<Registry>,
    pub(crate) allow_origins: Vec<Origin>,
    pub(crate) files: Option<AppFiles>,
    pub(crate) socket_times: SocketTimes,
    pub(crate) metrics: Arc<Metrics>,
}

/// The server cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The database cannot be opened.
    Storage(StorageError),
    /// Passwords cannot be hashed.
    Passwords(PasswordError),
    /// The operating system has no randomness to give.
    Random(getrandom::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Passwords(error) => error.fmt(f),
            Self::Random(error) => write!(f, "no randomness: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl App {
    /// Opens the database and gets everything ready.
    ///
    /// # Errors
    /// If something that the server needs is not to be had.
    pub async fn start(config: &Config, cost: PasswordCost) -> Result<Self, StartError> {
        let ids = Ids::from_os().map_err(StartError::Random)?;
        let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
        let storage = Storage::open(&config.database, epoch).await.map_err(StartError::Storage)?;
        let registry = Arc::default();
        nodes::follow(&storage, &registry);
        Ok(Self {
            jobs: Jobs::on(storage.clone()),
            storage,
            passwords: Passwords::new(cost).map_err(StartError::Passwords)?,
            throttle: Throttle::of_passwords(),
            sign_ups: Throttle::of_sign_ups(),
            trusted_proxies: config.trusted_proxies.clone(),
            request_times: RequestTimes::default(),
            socket_limits: SocketLimits::default(),
            ids,
            registry,
            allow_origins: config.allow_origins.clone(),
            files: config.app.clone().map(AppFiles::in_folder).or_else(AppFiles::in_program),
            socket_times: SocketTimes::default(),
            metrics: Arc::new(Metrics::since(clock::now())),
        })
    }

    /// The database.
    pub const fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Has the work for sockets done by others than the database alone.
    #[must_use]
    pub fn with_jobs(self, jobs: Jobs) -> Self {
        Self { jobs, ..self }
    }

    /// Has these files for the app.
    #[must_use]
    pub fn with_embedded(self, files: &'static [EmbeddedFile]) -> Self {
        Self { files: Some(AppFiles::embedded(files)), ..self }
    }

    /// Waits for sockets more or less patiently.
    #[must_use]
    pub fn with_socket_times(self, socket_times: SocketTimes) -> Self {
        Self { socket_times, ..self }
    }

    /// Waits for requests more or less patiently.
    #[must_use]
    pub fn with_request_times(self, request_times: RequestTimes) -> Self {
        Self { request_times, ..self }
    }

    /// Lets more or fewer sockets be open.
    #[must_use]
    pub fn with_socket_limits(self, socket_limits: SocketLimits) -> Self {
        Self { socket_limits, ..self }
    }

    /// Waits until just so many sockets are open.
    pub async fn open_sockets(&self, count: usize) {
        self.registry.count_is(count).await;
    }

    /// The routes.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/health", get(|| async { StatusCode::OK }))
            .route("/ready", get(ready::show))
            .route("/socket/websocket", any(socket::upgrade))
            .route("/socket/websocket/", any(socket::upgrade))
            .nest("/api", api::routes(self))
            .fallback(files)
            .layer(from_fn(headers::secure))
            .layer(from_fn_with_state(Arc::clone(self), requests::follow))
            .with_state(Arc::clone(self))
    }

    /// The routes for those who watch the server, on an address that is not everybody's.
    pub fn watch_router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/metrics", get(metrics::show))
            .route("/health", get(|| async { StatusCode::OK }))
            .route("/ready", get(ready::show))
            .with_state(Arc::clone(self))
    }

    /// Whether a page of this origin, other than our own, may talk to us.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        self.allow_origins.contains(origin)
    }
}

async fn files(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    request: axum::extract::Request,
) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    match (&app.files, request.method()) {
        (Some(files), &Method::GET | &Method::HEAD) => {
            app_files::serve(files, request.uri().path(), request.headers()).await
        }
        (Some(_), _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (None, _) => StatusCode::NOT_FOUND.into_response(),
    }
}
