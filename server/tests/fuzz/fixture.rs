//! The server that all inputs of a thread are sent to.

use std::cell::RefCell;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use wizitime_server_support::{Account, Backend, TestServer};

/// Placeholder for the token of the account in an input.
const TOKEN: &str = "TOKEN";

/// A server and one of its accounts.
pub(crate) struct Fixture {
    runtime: Runtime,
    pub(crate) server: TestServer,
    account: Account,
    accounts: u64,
    /// The files of an app.
    _app: TempDir,
}

thread_local! {
    static FIXTURE: RefCell<Option<Fixture>> = const { RefCell::new(None) };
}

/// Runs a future with the fixture of this thread.
pub(crate) fn with_fixture<T>(run: impl AsyncFnOnce(&Fixture) -> T) -> T {
    FIXTURE.with_borrow_mut(|fixture| {
        let fixture = fixture.get_or_insert_with(Fixture::new);
        fixture.ensure_account();
        fixture.runtime.block_on(run(fixture))
    })
}

impl Fixture {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let app = tempfile::tempdir().unwrap();
        for name in ["index.html", "index.html.br", "app-0123456789abcdef.js"] {
            std::fs::write(app.path().join(name), name).unwrap();
        }
        std::fs::create_dir(app.path().join("icons")).unwrap();
        let folder = app.path().to_owned();
        let (server, account) = runtime.block_on(async {
            let configure = |config: &mut wizitime_server::Config| config.app = Some(folder);
            let server = TestServer::start_with(Backend::Sqlite, configure, |app| app).await;
            let account = server.sign_up("first@example.org").await;
            (server, account)
        });
        Self { runtime, server, account, accounts: 1, _app: app }
    }

    /// Signs up another account if an input has signed the last one out.
    fn ensure_account(&mut self) {
        let bearer = format!("Bearer {}", self.account.token);
        let (runtime, server) = (&self.runtime, &self.server);
        let session = runtime
            .block_on(async { server.get("/api/session", &[("authorization", &bearer)]).await });
        if session.status != 200 {
            self.accounts += 1;
            let email = format!("{}@example.org", self.accounts);
            self.account = runtime.block_on(server.sign_up(&email));
        }
    }

    pub(crate) fn token(&self) -> &str {
        &self.account.token
    }

    /// The input with the token and the topic of the account filled in.
    pub(crate) fn fill_in(&self, text: &str) -> String {
        let topic = format!("users:{}", wizitime_testkit::fuzzing::fixtures::USER);
        text.replace(TOKEN, self.token()).replace(&topic, &self.account.channel)
    }
}
