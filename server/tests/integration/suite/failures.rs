//! Every message and every endpoint on a database that is locked, lacks a table or is full, and
//! with a panicking job: exactly one response in time, a rollback, a log line, and success
//! afterwards.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;
use wizitime_domain::Timestamp;
use wizitime_hub::{Job, JobResult};
use wizitime_server::auth::{ACCOUNT_LIMIT, Token, TotpSecret};
use wizitime_server::{Endpoint, Jobs, NewPasswordLink, Storage, StorageError, TwoStepChange};
use wizitime_server_support::authenticator::{self, time_step};
use wizitime_server_support::database::DatabaseLock;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::smtp_server::mail_to;
use wizitime_server_support::storage::CLIENT_TIMEOUT;
use wizitime_server_support::{
    Account, Backend, DEVICE_ID, HttpResponse, PASSWORD, PhoenixClient, TestDatabase, TestServer,
    backend_tests, captured_log, credentials, request,
};

/// A push that needs the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    Join,
    Bulk,
    ChangesPage,
}

/// A fault of the database.
#[derive(Clone, Copy, Debug)]
enum DatabaseFault {
    Locked,
    MissingTable,
    FullDisk,
}

/// How to end a fault.
enum Repair {
    Unlock(DatabaseLock),
    RenameBack(&'static str),
    FreeDisk,
}

impl DatabaseFault {
    const ALL: [Self; 3] = [Self::Locked, Self::MissingTable, Self::FullDisk];

    /// Causes the fault. `table` is the missing table, `change` the operation that fails on a full
    /// disk.
    async fn inject(self, database: &TestDatabase, table: &'static str, change: &str) -> Repair {
        match self {
            Self::Locked => Repair::Unlock(database.lock_tables().await),
            Self::MissingTable => {
                let away = format!("ALTER TABLE {table} RENAME TO away");
                database.execute(&away).await;
                Repair::RenameBack(table)
            }
            Self::FullDisk => {
                database.fill_disk(change).await;
                Repair::FreeDisk
            }
        }
    }
}

impl Repair {
    async fn apply(self, database: &TestDatabase) {
        match self {
            Self::Unlock(lock) => lock.release().await,
            Self::RenameBack(table) => {
                let back = format!("ALTER TABLE away RENAME TO {table}");
                database.execute(&back).await;
            }
            Self::FreeDisk => database.free_disk().await,
        }
    }
}

/// Sends a message and returns its reply. Checks that there is only one reply and no broadcast.
async fn only_reply(client: &mut PhoenixClient, message: Message) -> (String, Value) {
    let reference = match message {
        Message::Join => {
            let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
            client.begin_join(&params).await
        }
        Message::Bulk => client.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await,
        Message::ChangesPage => {
            let request = json!({"epoch": null, "since": 0, "limit": 1});
            client.push("GET_LATEST_TIME_ENTRIES", &request).await
        }
    };
    let reply = timeout(CLIENT_TIMEOUT, client.reply(&reference)).await.unwrap();
    // Replies keep the order of the pushes: a second one would come before this.
    client.send_text(r#"[null,"last","phoenix","heartbeat",{}]"#).await;
    client.reply("last").await;
    while let Some(frame) = client.take_queued() {
        assert_ne!(frame[1], json!(reference), "a second reply: {frame}");
        assert_ne!(frame[3], "NEED_TO_UPDATE_TIME_ENTRIES", "nothing was written: {frame}");
    }
    reply
}

/// Whether a message fails during a fault.
const fn is_affected(fault: DatabaseFault, message: Message) -> bool {
    match (fault, message) {
        (DatabaseFault::MissingTable, _)
        | (DatabaseFault::Locked | DatabaseFault::FullDisk, Message::Bulk) => true,
        // Reads need neither the lock nor disk space.
        (DatabaseFault::Locked | DatabaseFault::FullDisk, Message::Join | Message::ChangesPage) => {
            false
        }
    }
}

async fn every_message_gets_one_reply_in_every_database_fault(backend: Backend) {
    captured_log::start();
    let server = TestServer::start(backend).await;
    let account = server.sign_up("ada@example.org").await;
    let user_id = account.user_id();
    let mut cursor = 0;
    for fault in DatabaseFault::ALL {
        for message in [Message::Join, Message::Bulk, Message::ChangesPage] {
            let mut client = server.join(&account).await;
            let before = client.changes_page(&Value::Null, 0, 100).await;
            let logged_before = captured_log::lines(&[user_id, "job failed"]).len();
            let repair = fault.inject(&server.database, "events", "INSERT ON events").await;
            let (status, response) = only_reply(&mut client, message).await;
            repair.apply(&server.database).await;
            let context = format!("{fault:?} {message:?}: {status} {response}");
            let is_affected = is_affected(fault, message);
            assert_eq!(status, if is_affected { "error" } else { "ok" }, "{context}");
            if is_affected {
                assert_eq!(response["reason"], "unavailable", "{context}");
            }
            let logged = captured_log::lines(&[user_id, "job failed"]).len() - logged_before;
            assert_eq!(logged, usize::from(is_affected), "{context}");
            client.join().await;
            assert_eq!(client.changes_page(&Value::Null, 0, 100).await, before, "{context}");
            cursor += 1;
            assert_eq!(client.bulk(&[start(&id(), 1_000)]).await["cursor"], cursor, "{context}");
        }
    }
}

async fn work(storage: &Storage, user_id: wizitime_domain::UserId, job: Job) -> JobOutcome {
    match job {
        Job::Head => storage.head(user_id).await.map(JobResult::Head),
        Job::ChangesPage(request) => {
            storage.changes_page(user_id, &request).await.map(JobResult::ChangesPage)
        }
        Job::Append(batch) => {
            storage.append(user_id, batch, Timestamp::MIN).await.map(JobResult::Appended)
        }
    }
}

type JobOutcome = Result<JobResult, StorageError>;

async fn every_message_gets_one_reply_when_its_job_panics(backend: Backend) {
    captured_log::start();
    let (panics, panicking) = tokio::sync::watch::channel(false);
    let server = TestServer::start_with(
        backend,
        |_| (),
        |app| {
            let storage = app.storage().clone();
            let jobs = Jobs::new(move |user_id, job| {
                let (storage, panics) = (storage.clone(), *panicking.borrow());
                async move {
                    assert!(!panics, "panic of the test");
                    work(&storage, user_id, job).await
                }
            });
            app.with_jobs(jobs)
        },
    )
    .await;
    let account = server.sign_up("ada@example.org").await;
    let user_id = account.user_id();
    for (number, message) in
        [Message::Join, Message::Bulk, Message::ChangesPage].into_iter().enumerate()
    {
        let mut client = server.join(&account).await;
        panics.send_replace(true);
        let (status, response) = only_reply(&mut client, message).await;
        panics.send_replace(false);
        let reason = if message == Message::Join { "unavailable" } else { "internal" };
        assert_eq!((&*status, &response["reason"]), ("error", &json!(reason)), "{message:?}");
        let logged = captured_log::lines(&[user_id, "job panicked"]);
        assert_eq!(logged.len(), number + 1, "{message:?}");
        client.join().await;
        let bulk = client.bulk(&[start(&id(), 1_000)]).await;
        assert_eq!(bulk["cursor"], number + 1, "{message:?}");
    }
}

/// Sends a valid request with the account's token.
async fn send_request(server: &TestServer, endpoint: Endpoint, account: &Account) -> HttpResponse {
    let body = match endpoint {
        Endpoint::SignUp => credentials("new@example.org", PASSWORD),
        Endpoint::SignIn => credentials(&account.email, PASSWORD),
        Endpoint::Password => json!({"password": PASSWORD, "new_password": PASSWORD}),
        Endpoint::SetPassword => json!({"link": LINK, "new_password": PASSWORD}),
        // A mailed link replaces others.
        Endpoint::PasswordReset => json!({"email": "unknown@example.org"}),
        Endpoint::BeginTwoStep | Endpoint::DeleteAccount => json!({"password": PASSWORD}),
        Endpoint::ConfirmTwoStep => json!({"code": secret().code(time_step())}),
        Endpoint::DisableTwoStep | Endpoint::RecoveryCodes => {
            json!({"password": PASSWORD, "code": "123456"})
        }
        Endpoint::Registration
        | Endpoint::OidcStart
        | Endpoint::OidcCallback
        | Endpoint::OidcFinish
        | Endpoint::SignOut
        | Endpoint::Session
        | Endpoint::TwoStep
        | Endpoint::SocketToken
        | Endpoint::Devices
        | Endpoint::Audit
        | Endpoint::Export => json!({}),
    };
    let bearer = format!("Bearer {}", account.token);
    let path = format!("/api{}", endpoint.path());
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    let body = body.to_string();
    let response = request(server.address, endpoint.method(), &path, &headers, body.as_bytes());
    timeout(CLIENT_TIMEOUT, response).await.unwrap()
}

/// Whether an endpoint is of the sign-in with a provider, which is not configured here; its
/// failures are in `oidc.rs`.
const fn is_oidc(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::OidcStart | Endpoint::OidcCallback | Endpoint::OidcFinish)
}

/// Whether an endpoint only reads.
const fn is_read_only(endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::Registration
        | Endpoint::OidcStart
        | Endpoint::OidcCallback
        | Endpoint::Session
        | Endpoint::TwoStep
        | Endpoint::Devices
        | Endpoint::Audit
        | Endpoint::Export => true,
        Endpoint::SignUp
        | Endpoint::SignIn
        | Endpoint::OidcFinish
        | Endpoint::SignOut
        | Endpoint::SocketToken
        | Endpoint::Password
        | Endpoint::SetPassword
        | Endpoint::PasswordReset
        | Endpoint::BeginTwoStep
        | Endpoint::ConfirmTwoStep
        | Endpoint::DisableTwoStep
        | Endpoint::RecoveryCodes
        | Endpoint::DeleteAccount => false,
    }
}

fn assert_unavailable(response: &HttpResponse, endpoint: Endpoint) {
    assert_eq!((response.status, &*response.error()), (503, "unavailable"), "{endpoint:?}");
    assert!(response.header("retry-after").is_some(), "{endpoint:?}");
}

/// The secret of two-step sign-in of [`create_account`], which is not confirmed.
fn secret() -> TotpSecret {
    TotpSecret::from_bytes([7; 20])
}

/// Nothing listens there.
const NO_MAIL_SERVER: &str = "smtp://127.0.0.1:1";

/// The token of the set-password link of [`create_account`].
const LINK: &str = "link";

/// Creates an account with two sessions, a set-password link, one event, and a secret.
async fn create_account(server: &TestServer) -> (Account, Account) {
    let first = server.sign_up("ada@example.org").await;
    let second = server.sign_in("ada@example.org").await;
    server.join(&first).await.bulk(&[start(&id(), 1_000)]).await;
    let link = NewPasswordLink {
        user_id: first.user_id().parse().unwrap(),
        hash: Token::from_client(LINK).hash(),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::MAX,
    };
    let storage = server.app.storage();
    let begin = TwoStepChange::Begin { secret: secret(), at: authenticator::now() };
    assert!(storage.change_two_step(link.user_id, begin).await.unwrap());
    storage.add_password_link(link).await.unwrap();
    (first, second)
}

/// Asserts that both sessions and all data still exist, and that no account was created.
async fn assert_unchanged(server: &TestServer, sessions: &(Account, Account), context: &str) {
    for account in [&sessions.0, &sessions.1] {
        let response = send_request(server, Endpoint::Export, account).await;
        let text = String::from_utf8(response.body).unwrap();
        let count = |kind: &str| text.lines().filter(|line| line.contains(kind)).count();
        let found = [count("{\"account\":"), count("{\"device\":"), count("{\"event\":")];
        assert_eq!((response.status, found), (200, [1, 2, 1]), "{context}");
    }
    let new = credentials("new@example.org", PASSWORD);
    let response = server.post("/api/sign_in", None, &new).await;
    assert_eq!(response.status, 401, "{context}");
}

/// Fills the connection pool, because opening a connection is slow on a busy machine.
async fn open_connections(server: &TestServer, account: &Account) {
    loop {
        let reads = Endpoint::ALL.map(|_| send_request(server, Endpoint::Session, account));
        if join_all(reads).await.iter().all(|response| response.status == 200) {
            return;
        }
    }
}

async fn every_endpoint_responds_in_time_while_the_database_is_locked(backend: Backend) {
    captured_log::start();
    let server = TestServer::start_with(backend, mail_to(NO_MAIL_SERVER), |app| app).await;
    let sessions = create_account(&server).await;
    open_connections(&server, &sessions.0).await;
    let lock = server.database.lock_tables().await;
    let requests = Endpoint::ALL.map(|endpoint| send_request(&server, endpoint, &sessions.0));
    let responses = join_all(requests).await;
    lock.release().await;
    for (response, endpoint) in responses.iter().zip(Endpoint::ALL) {
        if is_oidc(endpoint) {
            assert_eq!(response.error(), "not_found", "{endpoint:?}");
        } else if is_read_only(endpoint)
            || (endpoint == Endpoint::SocketToken && backend.has_socket_tokens_in_memory())
        {
            assert_eq!(response.status, 200, "{endpoint:?}: {response:?}");
        } else if endpoint == Endpoint::PasswordReset {
            assert_eq!(response.status, 202, "it is answered before the account is looked up");
        } else if matches!(endpoint, Endpoint::DisableTwoStep | Endpoint::RecoveryCodes) {
            // They do not apply to the account, whose second step is off: that is read.
            assert_eq!(response.error(), "two_step_off", "{endpoint:?}");
        } else {
            assert_unavailable(response, endpoint);
        }
    }
    assert_unchanged(&server, &sessions, "locked").await;
}

async fn every_endpoint_responds_while_a_table_is_missing(backend: Backend) {
    captured_log::start();
    let server = TestServer::start_with(backend, mail_to(NO_MAIL_SERVER), |app| app).await;
    let sessions = create_account(&server).await;
    let repair = DatabaseFault::MissingTable.inject(&server.database, "tokens", "").await;
    let reset = send_request(&server, Endpoint::PasswordReset, &sessions.0).await;
    assert_eq!(reset.status, 202, "it is answered before the account is looked up");
    // An open registration needs no table.
    let needs_none = |endpoint: &Endpoint| {
        matches!(endpoint, Endpoint::Registration | Endpoint::PasswordReset) || is_oidc(*endpoint)
    };
    for endpoint in Endpoint::ALL.into_iter().filter(|it| !needs_none(it)) {
        assert_unavailable(&send_request(&server, endpoint, &sessions.0).await, endpoint);
    }
    repair.apply(&server.database).await;
    assert!(!captured_log::lines(&["request failed", "WARN"]).is_empty());
    assert_unchanged(&server, &sessions, "missing table").await;
}

/// Reads succeed on a full or read-only disk.
async fn server_on_a_full_disk_is_not_ready(backend: Backend) {
    captured_log::start();
    let server = TestServer::start(backend).await;
    let ready = async |status: u16| loop {
        let response = server.get("/ready", &[]).await;
        if response.status == status {
            return response;
        }
    };
    let ready = async |status| timeout(CLIENT_TIMEOUT, ready(status)).await.unwrap();
    ready(200).await;
    let repair = DatabaseFault::FullDisk.inject(&server.database, "", "INSERT ON meta").await;
    let response = ready(503).await;
    assert_eq!(&*response.body, b"the database cannot be written\n");
    assert!(!captured_log::lines(&["not ready", "disk is full"]).is_empty());
    repair.apply(&server.database).await;
    ready(200).await;
}

/// Otherwise everyone who tries to sign in during an outage is locked out after it.
async fn failed_requests_do_not_count_as_wrong_passwords(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, _) = create_account(&server).await;
    for (fault, table, change) in [
        (DatabaseFault::MissingTable, "users", ""),
        (DatabaseFault::FullDisk, "", "INSERT ON tokens"),
    ] {
        let repair = fault.inject(&server.database, table, change).await;
        for _ in 0..=ACCOUNT_LIMIT.max {
            let response = send_request(&server, Endpoint::SignIn, &account).await;
            assert_unavailable(&response, Endpoint::SignIn);
        }
        repair.apply(&server.database).await;
        assert_eq!(
            send_request(&server, Endpoint::SignIn, &account).await.status,
            200,
            "{fault:?}"
        );
    }
}

async fn every_endpoint_rolls_back_on_a_full_disk(backend: Backend) {
    captured_log::start();
    let server = TestServer::start(backend).await;
    let sessions = create_account(&server).await;
    for endpoint in Endpoint::ALL {
        // The last write of the endpoint, so that there is something to roll back.
        let change = match endpoint {
            Endpoint::SignUp | Endpoint::SignIn => "INSERT ON tokens",
            Endpoint::SignOut | Endpoint::Password | Endpoint::SetPassword => "DELETE ON tokens",
            Endpoint::DeleteAccount => "DELETE ON users",
            Endpoint::BeginTwoStep => "UPDATE ON two_step",
            Endpoint::ConfirmTwoStep => "INSERT ON recovery_codes",
            // They do not apply to the account, whose second step is off.
            Endpoint::DisableTwoStep | Endpoint::RecoveryCodes => continue,
            Endpoint::SocketToken if backend.has_socket_tokens_in_memory() => continue,
            Endpoint::SocketToken => "INSERT ON socket_tokens",
            Endpoint::Registration
            | Endpoint::OidcStart
            | Endpoint::OidcCallback
            | Endpoint::OidcFinish
            | Endpoint::PasswordReset
            | Endpoint::Session
            | Endpoint::Devices
            | Endpoint::TwoStep
            | Endpoint::Audit
            | Endpoint::Export => {
                continue;
            }
        };
        let repair = DatabaseFault::FullDisk.inject(&server.database, "", change).await;
        assert_unavailable(&send_request(&server, endpoint, &sessions.0).await, endpoint);
        repair.apply(&server.database).await;
        assert_unchanged(&server, &sessions, change).await;
    }
    assert!(!captured_log::lines(&["request failed", "disk is full"]).is_empty());
    for endpoint in [Endpoint::SignUp, Endpoint::SignIn, Endpoint::Password] {
        assert!(send_request(&server, endpoint, &sessions.0).await.status < 300, "{endpoint:?}");
    }
    assert_eq!(send_request(&server, Endpoint::DeleteAccount, &sessions.0).await.status, 204);
}

async fn aborted_export_is_detectable(backend: Backend) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    captured_log::start();
    let server = TestServer::start(backend).await;
    let (account, _) = create_account(&server).await;
    let user_id = account.user_id();
    let repair = DatabaseFault::MissingTable.inject(&server.database, "events", "").await;
    assert_unavailable(&send_request(&server, Endpoint::Export, &account).await, Endpoint::Export);
    repair.apply(&server.database).await;
    // A missing column fails only after the first part of the export was sent.
    let away = "ALTER TABLE events RENAME COLUMN json TO away";
    server.database.execute(away).await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "GET /api/export HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         authorization: Bearer {}\r\n\r\n",
        account.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // A reset is expected.
    let _ = stream.read_to_end(&mut response).await;
    let response = String::from_utf8(response).unwrap();
    assert!(!response.ends_with("0\r\n\r\n"), "looks complete: {response}");
    assert_eq!(captured_log::lines(&[user_id, "export aborted"]).len(), 1);
}

backend_tests! {
    every_message_gets_one_reply_in_every_database_fault,
    every_message_gets_one_reply_when_its_job_panics,
    every_endpoint_responds_in_time_while_the_database_is_locked,
    every_endpoint_responds_while_a_table_is_missing,
    failed_requests_do_not_count_as_wrong_passwords,
    every_endpoint_rolls_back_on_a_full_disk,
    server_on_a_full_disk_is_not_ready,
    aborted_export_is_detectable,
}
