//! A running server on a test database.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wizitime_server::auth::SOCKET_TOKEN_LIFE_MS;
use wizitime_server::{App, Config, PasswordCost, serve};

use crate::database::{Backend, TestDatabase};
use crate::http::{HttpResponse, request};
use crate::phoenix_client::PhoenixClient;

/// The password of accounts of [`TestServer::sign_up`].
pub const PASSWORD: &str = "correct horse";
/// The device of [`credentials`].
pub const DEVICE_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A server on a free port of this machine.
pub struct TestServer {
    pub address: SocketAddr,
    pub database: TestDatabase,
    pub app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// An account and one of its session tokens.
#[derive(Clone, Debug)]
pub struct Account {
    pub token: String,
    pub channel: String,
    pub email: String,
}

impl TestServer {
    /// Starts a server on a new database.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |_| (), |app| app).await
    }

    /// Starts a server with a changed configuration and app state.
    pub async fn start_with(
        backend: Backend,
        configure: impl FnOnce(&mut Config),
        change: impl FnOnce(App) -> App,
    ) -> Self {
        Self::start_on(backend.create_database().await, configure, change).await
    }

    /// Starts a server on an existing database.
    pub async fn start_on(
        database: TestDatabase,
        configure: impl FnOnce(&mut Config),
        change: impl FnOnce(App) -> App,
    ) -> Self {
        let mut config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: database.config(),
            ..Config::new()
        };
        configure(&mut config);
        let app = Arc::new(change(App::start(&config, PasswordCost::Trivial).await.unwrap()));
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, Arc::clone(&app), async move {
            let _ = stopped.await;
        }));
        Self { address, database, app, stop: Some(stop), serving }
    }

    /// Waits until exactly `count` sockets are open.
    pub async fn wait_for_open_sockets(&self, count: usize) {
        self.app.wait_for_open_sockets(count).await;
    }

    /// Starts the shutdown; [`TestServer::stopped`] waits for its end.
    pub fn begin_shutdown(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits for the end of the shutdown and returns the database.
    pub async fn stopped(self) -> TestDatabase {
        self.serving.await.unwrap();
        self.database
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> HttpResponse {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        request(self.address, "POST", path, &headers, body.to_string().as_bytes()).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> HttpResponse {
        request(self.address, "GET", path, headers, b"").await
    }

    pub async fn sign_up(&self, email: &str) -> Account {
        let response = self.post("/api/sign_up", None, &credentials(email, PASSWORD)).await;
        assert_eq!(response.status, 201, "{response:?}");
        Account::from_session(&response.json())
    }

    pub async fn sign_in(&self, email: &str) -> Account {
        let response = self.post("/api/sign_in", None, &credentials(email, PASSWORD)).await;
        assert_eq!(response.status, 200, "{response:?}");
        Account::from_session(&response.json())
    }

    /// A socket token for the account's session.
    pub async fn socket_token(&self, account: &Account) -> String {
        let response = self.post("/api/socket_token", Some(&account.token), &json!({})).await;
        assert_eq!(response.status, 200, "{response:?}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let body = response.json();
        assert_eq!(body["expires_in_ms"], SOCKET_TOKEN_LIFE_MS);
        body["token"].as_str().unwrap().to_owned()
    }

    /// Opens a socket with the account's token.
    pub async fn connect(&self, account: &Account) -> PhoenixClient {
        PhoenixClient::connect(self.address, &account.token, &account.channel).await
    }

    /// Opens a socket and joins the account's channel.
    pub async fn join(&self, account: &Account) -> PhoenixClient {
        let mut client = self.connect(account).await;
        client.join().await;
        client
    }
}

impl Account {
    /// The account of a session response.
    pub fn from_session(session: &Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        let account = Self { token: text("token"), channel: text("channel"), email: text("email") };
        assert_eq!(account.channel, format!("users:{}", text("user_id")));
        account
    }

    /// The user id.
    pub fn user_id(&self) -> &str {
        self.channel.strip_prefix("users:").unwrap()
    }
}

/// The body of a sign-up or sign-in.
pub fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password, "device_id": DEVICE_ID})
}
