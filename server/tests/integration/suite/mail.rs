//! Mails with links: invitations, and set-password links that users request.

use serde_json::{Value, json};
use wizitime_server::auth::{RESET_ACCOUNT_LIMIT, RESET_ADDRESS_LIMIT};
use wizitime_server::users::{self, UserError};
use wizitime_server::{Command, Config, Invocation, PasswordCost, Registration, TrustedProxies};
use wizitime_server_support::smtp_server::{
    PUBLIC_URL, ReceivedMail, SENDER, SmtpBehaviour, SmtpServer, mail_to,
};
use wizitime_server_support::{
    Account, Backend, HttpResponse, PASSWORD, TestServer, backend_tests, captured_log, credentials,
    request,
};

const EMAIL: &str = "me@nas";
const NEW_PASSWORD: &str = "battery staple";
/// Nothing listens there.
const NOWHERE: &str = "smtp://127.0.0.1:1";
/// The base 64 of a NUL, `wizi`, a NUL and `geheim`.
const LOGIN: &str = "AHdpemkAZ2VoZWlt";

/// A server that sends its mails to the mail server.
async fn start(backend: Backend, smtp: &SmtpServer) -> TestServer {
    TestServer::start_with(backend, mail_to(&smtp.url()), |app| app).await
}

/// Requests a link from a client with this address.
async fn reset_from(server: &TestServer, client: &str, email: &str) -> HttpResponse {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", client)];
    let body = json!({"email": email}).to_string();
    request(server.address, "POST", "/api/password_reset", &headers, body.as_bytes()).await
}

async fn reset(server: &TestServer, email: &str) -> HttpResponse {
    server.post("/api/password_reset", None, &json!({"email": email})).await
}

async fn set_password(server: &TestServer, link: &str) -> u16 {
    let body = json!({"link": link, "new_password": NEW_PASSWORD});
    server.post("/api/set_password", None, &body).await.status
}

async fn sign_in(server: &TestServer, password: &str) -> u16 {
    server.post("/api/sign_in", None, &credentials(EMAIL, password)).await.status
}

/// Stops the server, after it has sent its mails, and counts the unexpected ones.
async fn further_mails(mut server: TestServer, smtp: &mut SmtpServer) -> usize {
    server.begin_shutdown();
    server.stopped().await;
    smtp.further_mails()
}

/// Runs `user` with these arguments.
async fn run(server: &TestServer, arguments: &str) -> Result<String, UserError> {
    let line = format!("user {arguments}");
    let read = Invocation::read(line.split_whitespace().map(Into::into), []);
    let Ok(Invocation::Run { command: Command::User(command), config }) = read else {
        panic!("{line}: {read:?}")
    };
    let config = Config { database: server.database.config(), ..*config };
    users::run(&command, &config, PasswordCost::Trivial, &[][..]).await
}

/// The options with which a command mails its link.
fn options(url: &str) -> String {
    format!("--mail --smtp-url {url} --smtp-from {SENDER} --public-url {PUBLIC_URL}")
}

#[track_caller]
fn assert_is_mail_to(mail: &ReceivedMail, recipient: &str) {
    assert_eq!((&*mail.from, &*mail.to), (SENDER, &[recipient.to_owned()][..]));
    let expected = [
        "auto-submitted",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
    ];
    assert_eq!(mail.header_names(), expected, "{mail:?}");
    assert_eq!(mail.header("to").as_deref(), Some(recipient));
    assert_eq!(mail.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
    assert!(mail.header("message-id").unwrap().ends_with("@example.org>"));
}

async fn no_mails_are_sent_unless_they_are_configured(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up(EMAIL).await;
    let refused = reset(&server, EMAIL).await;
    assert_eq!((refused.status, &*refused.error()), (404, "password_reset_off"));
    let offered = async |server: &TestServer| {
        server.get("/api/registration", &[]).await.json()["password_reset"].clone()
    };
    assert_eq!(offered(&server).await, false);
    let off = run(&server, "reset-password me@nas --mail").await.unwrap_err();
    assert!(matches!(off, UserError::MailOff), "{off:?}");
    let smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    assert_eq!(offered(&start(backend, &smtp).await).await, true);
}

async fn invitation_arrives_and_its_link_works(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let server = TestServer::start_with(
        backend,
        |config| config.registration = Registration::Invite,
        |app| app,
    )
    .await;
    let report = run(&server, &format!("invite ME@nas {}", options(&smtp.url()))).await.unwrap();
    assert!(report.contains("accepted the mail for me@nas"), "{report}");
    assert!(!report.contains('#'), "the link is in the mail only: {report}");
    let mail = smtp.next_mail().await;
    assert_is_mail_to(&mail, EMAIL);
    let mut body = credentials(EMAIL, PASSWORD);
    body["invitation"] = json!(mail.token("invitation"));
    let session = server.post("/api/sign_up", None, &body).await.json();
    server.join(&Account::from_session(&session)).await;

    let reset = format!("reset-password me@nas {}", options(&smtp.url()));
    run(&server, &reset).await.unwrap();
    assert_eq!(set_password(&server, &smtp.next_mail().await.token("set-password")).await, 204);
}

async fn link_is_printed_if_its_mail_is_not_sent(backend: Backend) {
    let server = TestServer::start(backend).await;
    server.sign_up(EMAIL).await;
    let failed = run(&server, &format!("reset-password me@nas {}", options(NOWHERE))).await;
    let failed = failed.unwrap_err();
    let text = failed.to_string();
    assert!(text.contains("cannot be reached") && text.contains("check host and port"), "{text}");
    let prefix = format!("{PUBLIC_URL}account#set-password=");
    let report = failed.report().unwrap();
    let link = report.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap();
    assert!(!format!("{failed} {failed:?}").contains(link), "errors are logged");
    assert_eq!(set_password(&server, link).await, 204);
}

async fn requests_for_all_accounts_get_the_same_response_and_one_gets_a_mail(backend: Backend) {
    captured_log::start();
    let login = Some(LOGIN);
    let mut smtp = SmtpServer::start(SmtpBehaviour { login, ..SmtpBehaviour::default() }).await;
    let url = format!("smtp://wizi:geheim@{}", smtp.address);
    let server = TestServer::start_with(backend, mail_to(&url), |app| app).await;
    let account = server.sign_up(EMAIL).await;
    server.sign_up("disabled-account@nas").await;
    run(&server, "disable disabled-account@nas").await.unwrap();
    let mut responses = Vec::new();
    for email in ["unknown@nas", "disabled-account@nas", " ME@nas"] {
        let response = reset(&server, email).await;
        let length = response.header("content-length").map(str::to_owned);
        responses.push((response.status, response.body, length));
    }
    assert_eq!(responses[0].0, 202);
    responses.dedup();
    assert_eq!(responses.len(), 1, "{responses:?}");

    let mail = smtp.next_mail().await;
    assert_is_mail_to(&mail, EMAIL);
    let token = mail.token("set-password");
    assert_eq!(sign_in(&server, PASSWORD).await, 200, "a request changes nothing");
    let bearer = format!("Bearer {}", account.token);
    let events = server.get("/api/audit", &[("authorization", &bearer)]).await.json();
    let requested = |event: &&Value| event["event"] == "password_reset_requested";
    let found = events["events"].as_array().unwrap().iter().find(requested);
    assert_eq!(found.unwrap()["address"], "127.0.0.1");
    assert_eq!(set_password(&server, &token).await, 204);
    assert_eq!(set_password(&server, &token).await, 403, "it was used");
    assert_eq!(
        (sign_in(&server, PASSWORD).await, sign_in(&server, NEW_PASSWORD).await),
        (401, 200)
    );

    assert_eq!(further_mails(server, &mut smtp).await, 0);
    assert_eq!(captured_log::lines(&["mail sent", account.user_id()]).len(), 1);
    for secret in [&*token, "geheim", LOGIN, "disabled-account@nas"] {
        assert_eq!(captured_log::lines(&[secret]), Vec::<String>::new());
    }
}

async fn further_request_replaces_the_link(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let server = start(backend, &smtp).await;
    server.sign_up(EMAIL).await;
    reset(&server, EMAIL).await;
    let first = smtp.next_mail().await.token("set-password");
    reset(&server, EMAIL).await;
    let second = smtp.next_mail().await.token("set-password");
    assert_eq!(set_password(&server, &first).await, 403);
    assert_eq!(set_password(&server, &second).await, 204);
}

async fn request_does_not_void_the_link_of_the_operator(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let server = start(backend, &smtp).await;
    server.sign_up(EMAIL).await;
    reset(&server, EMAIL).await;
    let mailed = smtp.next_mail().await.token("set-password");
    run(&server, &format!("reset-password me@nas {}", options(&smtp.url()))).await.unwrap();
    let of_operator = smtp.next_mail().await.token("set-password");
    assert_eq!(set_password(&server, &mailed).await, 403, "the operator's link replaces it");
    reset(&server, EMAIL).await;
    let mail = smtp.next_mail().await;
    assert!(mail.text().contains("The operator has made a link"), "{mail:?}");
    assert_eq!(set_password(&server, &of_operator).await, 204);
    reset(&server, EMAIL).await;
    assert_eq!(set_password(&server, &smtp.next_mail().await.token("set-password")).await, 204);
}

async fn requests_are_limited_per_account_and_per_address(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    let mail = mail_to(&smtp.url());
    let configure = |config: &mut Config| {
        mail(config);
        config.trusted_proxies = proxies;
    };
    let server = TestServer::start_with(backend, configure, |app| app).await;
    server.sign_up(EMAIL).await;
    for email in [EMAIL, "unknown@nas"] {
        for client in 0..RESET_ACCOUNT_LIMIT.max {
            let client = format!("192.0.2.{client}");
            assert_eq!(reset_from(&server, &client, email).await.status, 202);
        }
        let refused = reset_from(&server, "192.0.2.200", email).await;
        assert_eq!((refused.status, &*refused.error()), (429, "too_many_attempts"), "{email}");
        let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=RESET_ACCOUNT_LIMIT.window_ms / 1_000 + 1).contains(&seconds), "{seconds}");
    }
    for number in 0..RESET_ADDRESS_LIMIT.max {
        let email = format!("{number}@nas");
        assert_eq!(reset_from(&server, "198.51.100.1", &email).await.status, 202);
    }
    assert_eq!(reset_from(&server, "198.51.100.1", "more@nas").await.status, 429);
    assert_eq!(reset_from(&server, "198.51.100.2", "more@nas").await.status, 202);
    let mails = further_mails(server, &mut smtp).await;
    assert_eq!(mails, RESET_ACCOUNT_LIMIT.max as usize);
}

async fn mail_arrives_once_the_mail_server_accepts_it(backend: Backend) {
    for behaviour in [
        SmtpBehaviour { dropped: 1, ..SmtpBehaviour::default() },
        SmtpBehaviour { deferred: 1, ..SmtpBehaviour::default() },
    ] {
        captured_log::start();
        let mut smtp = SmtpServer::start(behaviour).await;
        let server = start(backend, &smtp).await;
        let account = server.sign_up(EMAIL).await;
        assert_eq!(reset(&server, EMAIL).await.status, 202);
        let token = smtp.next_mail().await.token("set-password");
        assert_eq!(smtp.connections(), 2);
        assert_eq!(captured_log::lines(&["mail delayed", account.user_id()]).len(), 1);
        assert_eq!(set_password(&server, &token).await, 204);
        assert_eq!(further_mails(server, &mut smtp).await, 0);
    }
}

async fn refused_recipient_is_one_line_without_the_address(backend: Backend) {
    captured_log::start();
    let unknown = Some("unknown-recipient@nas");
    let mut smtp = SmtpServer::start(SmtpBehaviour { unknown, ..SmtpBehaviour::default() }).await;
    let server = start(backend, &smtp).await;
    let account = server.sign_up("unknown-recipient@nas").await;
    assert_eq!(reset(&server, "unknown-recipient@nas").await.status, 202);
    assert_eq!(further_mails(server, &mut smtp).await, 0);
    assert_eq!(smtp.connections(), 1, "it is not tried again");
    let lines = captured_log::lines(&["mail not sent", account.user_id()]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("reason=\"refused\" code=550"), "{lines:?}");
    assert_eq!(captured_log::lines(&["unknown-recipient"]), Vec::<String>::new());
}

async fn names_of_accounts_add_no_header_and_no_recipient(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let server = start(backend, &smtp).await;
    for email in [
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org\nBcc:eve@example.org",
        "ada\r\nRCPT@example.org",
        "ada@example.org\0",
    ] {
        let refused = reset(&server, email).await;
        assert_eq!((refused.status, &*refused.error()), (422, "invalid_email"), "{email:?}");
    }
    // Accounts can have names that are no addresses of mails.
    for email in ["ada@example.org,eve@example.org", "<eve@example.org>@nas", "a:b;@nas"] {
        let signed_up = server.post("/api/sign_up", None, &credentials(email, PASSWORD)).await;
        if signed_up.status == 201 {
            assert_eq!(reset(&server, email).await.status, 202, "{email:?}");
        }
    }
    server.sign_up("\u{fc}ber.b\u{fc}cher@b\u{fc}cher.example").await;
    server.sign_up("ada@b\u{fc}cher.example").await;
    reset(&server, "ada@b\u{fc}cher.example").await;
    assert_is_mail_to(&smtp.next_mail().await, "ada@xn--bcher-kva.example");
    assert_eq!(further_mails(server, &mut smtp).await, 0);
}

/// A link to the attacker's server would tell it the token.
async fn links_do_not_depend_on_the_host_of_the_request(backend: Backend) {
    let mut smtp = SmtpServer::start(SmtpBehaviour::default()).await;
    let server = start(backend, &smtp).await;
    server.sign_up(EMAIL).await;
    let headers = [
        ("content-type", "application/json"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ];
    let body = json!({"email": EMAIL}).to_string();
    let path = "/api/password_reset";
    let response = request(server.address, "POST", path, &headers, body.as_bytes()).await;
    assert_eq!(response.status, 202);
    let mail = smtp.next_mail().await;
    assert!(!mail.data.contains("evil"), "{mail:?}");
    assert_eq!(set_password(&server, &mail.token("set-password")).await, 204);
}

backend_tests! {
    no_mails_are_sent_unless_they_are_configured,
    invitation_arrives_and_its_link_works,
    link_is_printed_if_its_mail_is_not_sent,
    requests_for_all_accounts_get_the_same_response_and_one_gets_a_mail,
    further_request_replaces_the_link,
    request_does_not_void_the_link_of_the_operator,
    requests_are_limited_per_account_and_per_address,
    mail_arrives_once_the_mail_server_accepts_it,
    refused_recipient_is_one_line_without_the_address,
    names_of_accounts_add_no_header_and_no_recipient,
    links_do_not_depend_on_the_host_of_the_request,
}
