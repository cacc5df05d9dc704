//! The one server that all inputs of a target go to, in its own thread.

use std::cell::RefCell;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::world::{Account, World};

/// What stands for the token of the account in an input.
const TOKEN: &str = "TOKEN";

/// A server and one of its accounts.
pub(crate) struct Place {
    runtime: Runtime,
    pub(crate) world: World,
    account: Account,
    accounts: u64,
    /// The files of an app.
    _app: TempDir,
}

thread_local! {
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Does something at the place of this thread.
pub(crate) fn at_place<T>(act: impl AsyncFnOnce(&Place) -> T) -> T {
    PLACE.with_borrow_mut(|place| {
        let place = place.get_or_insert_with(Place::new);
        place.sign_up_anew();
        place.runtime.block_on(act(place))
    })
}

impl Place {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let app = tempfile::tempdir().unwrap();
        for name in ["index.html", "index.html.br", "app-0123456789abcdef.js"] {
            std::fs::write(app.path().join(name), name).unwrap();
        }
        std::fs::create_dir(app.path().join("icons")).unwrap();
        let folder = app.path().to_owned();
        let (world, account) = runtime.block_on(async {
            let world = World::configured(|config| config.app = Some(folder), |app| app).await;
            let account = world.sign_up("first@example.org").await;
            (world, account)
        });
        Self { runtime, world, account, accounts: 1, _app: app }
    }

    /// An input may have signed the account out; then there is another one.
    fn sign_up_anew(&mut self) {
        let bearer = format!("Bearer {}", self.account.token);
        let (runtime, world) = (&self.runtime, &self.world);
        let known = runtime
            .block_on(async { world.get("/api/session", &[("authorization", &bearer)]).await });
        if known.status != 200 {
            self.accounts += 1;
            let email = format!("{}@example.org", self.accounts);
            self.account = runtime.block_on(world.sign_up(&email));
        }
    }

    pub(crate) fn token(&self) -> &str {
        &self.account.token
    }

    /// The input as it is sent: with the token and the topic of the account.
    pub(crate) fn fill_in(&self, text: &str) -> String {
        let topic = format!("users:{}", crate::golden::USER);
        text.replace(TOKEN, self.token()).replace(&topic, &self.account.channel)
    }
}
