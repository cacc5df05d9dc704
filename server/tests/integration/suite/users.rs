//! The `user` command, beside a running server.

use serde_json::json;
use wizitime_domain::Timestamp;
use wizitime_server::auth::Token;
use wizitime_server::users::{self, UserError};
use wizitime_server::{Command, Config, Invocation, PasswordCost, Registration, maintenance};
use wizitime_server_support::storage::open;
use wizitime_server_support::{
    Account, Backend, PASSWORD, TestDatabase, TestServer, backend_tests, credentials,
};

const EMAIL: &str = "me@nas";

/// Runs `user` with these arguments and this standard input.
async fn try_run(
    database: &TestDatabase,
    arguments: &str,
    input: &str,
) -> Result<String, UserError> {
    let line = format!("user {arguments} --public-url https://nas/time");
    let read = Invocation::read(line.split_whitespace().map(Into::into), []);
    let Ok(Invocation::Run { command: Command::User(command), config }) = read else {
        panic!("{line}: {read:?}")
    };
    let config = Config { database: database.config(), ..*config };
    users::run(&command, &config, PasswordCost::Trivial, input.as_bytes()).await
}

async fn run(server: &TestServer, arguments: &str) -> String {
    try_run(&server.database, arguments, "").await.unwrap()
}

/// The token of the link in a report.
fn token<'a>(report: &'a str, name: &str) -> &'a str {
    let prefix = format!("https://nas/time/account#{name}=");
    let link = report.lines().find_map(|line| line.strip_prefix(&prefix));
    link.unwrap_or_else(|| panic!("{report}"))
}

async fn try_sign_in(server: &TestServer, email: &str) -> (u16, String) {
    let response = server.post("/api/sign_in", None, &credentials(email, PASSWORD)).await;
    let code = if response.status == 200 { String::new() } else { response.error() };
    (response.status, code)
}

async fn added_user_signs_in_with_the_password_of_standard_input(backend: Backend) {
    let database = backend.create_database().await;
    // Without a server the command creates the tables.
    let added = try_run(&database, "add ME@nas --password-stdin", "correct horse\r\n").await;
    assert_eq!(added.unwrap(), "me@nas can sign in.\n");
    let weak = try_run(&database, "add you@nas --password-stdin", "12345678").await;
    assert!(matches!(weak, Err(UserError::WeakPassword(_))), "{weak:?}");
    let again = try_run(&database, "add me@nas", "").await.unwrap_err();
    assert!(again.to_string().contains("reset-password"), "{again}");
    let server = TestServer::start_on(database, |_| (), |app| app).await;
    server.join(&server.sign_in(EMAIL).await).await;
}

async fn added_user_sets_the_password_with_a_link(backend: Backend) {
    let server = TestServer::start_with(
        backend,
        |config| config.registration = Registration::Closed,
        |app| app,
    )
    .await;
    let report = run(&server, "add me@nas").await;
    assert_eq!(try_sign_in(&server, EMAIL).await.0, 401, "it has no password");
    let body = json!({"link": token(&report, "set-password"), "new_password": PASSWORD});
    assert_eq!(server.post("/api/set_password", None, &body).await.status, 204);
    server.sign_in(EMAIL).await;
}

async fn invited_user_signs_up(backend: Backend) {
    let server = TestServer::start_with(
        backend,
        |config| config.registration = Registration::Invite,
        |app| app,
    )
    .await;
    let report = run(&server, "invite me@nas").await;
    let mut body = credentials(EMAIL, PASSWORD);
    body["invitation"] = json!(token(&report, "invitation"));
    let session = server.post("/api/sign_up", None, &body).await.json();
    server.join(&Account::from_session(&session)).await;
    let taken = try_run(&server.database, "invite me@nas", "").await;
    assert!(matches!(taken, Err(UserError::EmailTaken(_))), "{taken:?}");
    let closed = "invite you@nas --registration closed";
    let closed = try_run(&server.database, closed, "").await;
    assert!(matches!(closed, Err(UserError::RegistrationClosed)), "{closed:?}");
}

async fn reset_password_leaves_sessions_until_the_link_is_used(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let mut socket = server.join(&account).await;
    let report = run(&server, "reset-password me@nas").await;
    socket.request_ok("ping", &json!({"sent_at": 0})).await;
    let body = json!({"link": token(&report, "set-password"), "new_password": "battery staple"});
    assert_eq!(server.post("/api/set_password", None, &body).await.status, 204);
    assert_eq!(socket.close_code().await, Some(1001));
    assert_eq!(try_sign_in(&server, EMAIL).await.0, 401);
}

/// The server notices it in the database.
async fn running_server_ends_the_sessions_of_a_disabled_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let neighbour = server.sign_up("you@nas").await;
    let (mut socket, mut staying) = (server.join(&account).await, server.join(&neighbour).await);
    let report = run(&server, "disable me@nas").await;
    assert_eq!(report, "me@nas was disabled; 1 sessions ended.\n");
    assert_eq!(socket.close_code().await, Some(1001));
    staying.request_ok("ping", &json!({"sent_at": 0})).await;
    let bearer = format!("Bearer {}", account.token);
    let session = server.get("/api/session", &[("authorization", &bearer)]).await;
    assert_eq!(session.status, 401);
    assert_eq!(try_sign_in(&server, EMAIL).await, (403, "account_disabled".to_owned()));
    let wrong = server.post("/api/sign_in", None, &credentials(EMAIL, "wrong horse")).await;
    assert_eq!(wrong.error(), "wrong_credentials", "only the owner learns that it is disabled");
    run(&server, "enable me@nas").await;
    server.join(&server.sign_in(EMAIL).await).await;
}

async fn running_server_ends_the_sessions_of_a_deleted_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.sign_up(EMAIL).await;
    let mut socket = server.join(&account).await;
    run(&server, "reset-password me@nas").await;
    run(&server, "delete me@nas").await;
    assert_eq!(socket.close_code().await, Some(1001));
    assert_eq!(try_sign_in(&server, EMAIL).await.0, 401);
    server.sign_up(EMAIL).await;
}

async fn list_has_all_accounts(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up("you@nas").await;
    server.sign_up(EMAIL).await;
    server.sign_in(EMAIL).await;
    run(&server, "disable you@nas").await;
    let report = run(&server, "list").await;
    let rows = report.lines().skip(1).map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words[0].to_owned(), words[2].to_owned(), words[3].to_owned())
    });
    let expected = [(EMAIL, "2", "enabled"), ("you@nas", "0", "disabled")];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}

async fn commands_on_an_unknown_account_are_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    for command in ["reset-password", "disable", "enable", "disable-two-step", "delete"] {
        let refused = try_run(&server.database, &format!("{command} me@nas"), "").await;
        assert!(matches!(refused, Err(UserError::Unknown(_))), "{command}: {refused:?}");
    }
}

/// Links of a backup may have been used since.
async fn restore_voids_links_and_keeps_accounts_disabled(backend: Backend) {
    let database = backend.create_database().await;
    for arguments in ["add me@nas --password-stdin", "disable me@nas", "invite you@nas"] {
        try_run(&database, arguments, PASSWORD).await.unwrap();
    }
    let report = try_run(&database, "reset-password me@nas", "").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("wizitime.backup");
    let config = database.config();
    maintenance::backup(&config, &backup).await.unwrap();
    let token = token(&report, "set-password");
    let bytes = std::fs::read(&backup).unwrap();
    assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "only its hash");
    maintenance::restore(&config, &backup, true).await.unwrap();
    let storage = open(&database).await;
    let hash = Token::from_client(token).hash();
    assert!(storage.password_link_user(&hash, Timestamp::MIN).await.unwrap().is_none());
    assert!(storage.users(Timestamp::MIN).await.unwrap()[0].is_disabled);
}

backend_tests! {
    added_user_signs_in_with_the_password_of_standard_input,
    added_user_sets_the_password_with_a_link,
    invited_user_signs_up,
    reset_password_leaves_sessions_until_the_link_is_used,
    running_server_ends_the_sessions_of_a_disabled_account,
    running_server_ends_the_sessions_of_a_deleted_account,
    list_has_all_accounts,
    commands_on_an_unknown_account_are_refused,
    restore_voids_links_and_keeps_accounts_disabled,
}
