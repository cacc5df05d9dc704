//! A running server with a database of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wizitime_server::{App, Config, PasswordCost, serve};

use crate::client::Client;
use crate::home::{self, Home};
use crate::http::{Answer, request};

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const DEVICE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) folder: Home,
    pub(crate) app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// An account and one of its tokens.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) token: String,
    pub(crate) channel: String,
    pub(crate) email: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|app| app).await
    }

    pub(crate) async fn with(change: impl FnOnce(App) -> App) -> Self {
        Self::configured(|_| (), change).await
    }

    pub(crate) async fn configured(
        configure: impl FnOnce(&mut Config),
        change: impl FnOnce(App) -> App,
    ) -> Self {
        let folder = home::new().await;
        Self::on(folder, configure, change).await
    }

    /// A server on a database that may exist already.
    pub(crate) async fn on(
        folder: Home,
        configure: impl FnOnce(&mut Config),
        change: impl FnOnce(App) -> App,
    ) -> Self {
        let mut config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: home::database(&folder),
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
        Self { address, folder, app, stop: Some(stop), serving }
    }

    /// Waits until so many sockets are open.
    pub(crate) async fn open_sockets(&self, count: usize) {
        self.app.wait_for_open_sockets(count).await;
    }

    /// Asks the server to stop; [`World::stopped`] waits until it has.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn stopped(self) -> Home {
        self.serving.await.unwrap();
        self.folder
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        request(self.address, "POST", path, &headers, body.to_string().as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(self.address, "GET", path, headers, b"").await
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Account {
        let answer = self.post("/api/sign_up", None, &credentials(email, PASSWORD)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        account(&answer.json())
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Account {
        let answer = self.post("/api/sign_in", None, &credentials(email, PASSWORD)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        account(&answer.json())
    }

    /// A socket with the account's token.
    pub(crate) async fn connect(&self, account: &Account) -> Client {
        Client::connect(self.address, &account.token, &account.channel).await
    }

    /// A socket that has joined the account's channel.
    pub(crate) async fn join(&self, account: &Account) -> Client {
        let mut client = self.connect(account).await;
        client.join().await;
        client
    }
}

pub(crate) fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password, "device_id": DEVICE})
}

fn account(session: &Value) -> Account {
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    let account = Account { token: text("token"), channel: text("channel"), email: text("email") };
    assert_eq!(account.channel, format!("users:{}", text("user_id")));
    account
}
