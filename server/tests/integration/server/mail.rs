//! Mails of the program: encryption, sign-in, hints, metrics, shutdown, and no secrets in the log.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tokio::process::Command;
use tokio::sync::watch;
use wizitime_server_support::smtp_server::{
    PUBLIC_URL, SENDER, SmtpBehaviour, SmtpServer, TlsStart, mail_to,
};
use wizitime_server_support::{
    Backend, TestServer, captured_log, certificates, credentials, request,
};

use super::operations::{metrics, serve_test_metrics};
use super::program::Program;

const EMAIL: &str = "me@nas";
/// The base 64 of a NUL, `wizi`, a NUL and `geheim`.
const LOGIN: &str = "AHdpemkAZ2VoZWlt";

/// Runs `mail-test` with this mail server, and the authorities in this file.
async fn mail_test(smtp_url: &str, authorities: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    command.args(["mail-test", "ada@example.org", "--public-url", PUBLIC_URL]);
    command.env_clear().env("SSL_CERT_FILE", authorities).current_dir(std::env::temp_dir());
    command.env("WIZITIME_SMTP_URL", smtp_url).env("WIZITIME_SMTP_FROM", SENDER);
    command.output().await.unwrap()
}

#[track_caller]
fn assert_fails(output: &Output, reason: &str, hint: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(reason) && text.contains(hint), "{text}");
    assert!(!text.contains("geheim") && output.stdout.is_empty(), "{text}");
}

#[tokio::test]
async fn mail_test_sends_a_mail_on_an_encrypted_connection() {
    let folder = certificates::create().await;
    let authority = folder.path().join("authority.pem");
    let acceptor = certificates::acceptor(folder.path());
    for (start, scheme, parameter) in
        [(TlsStart::FirstByte, "smtps", ""), (TlsStart::StartTls, "smtp", "?tls=required")]
    {
        let (login, tls) = (Some(LOGIN), Some((start, acceptor.clone())));
        let behaviour = SmtpBehaviour { login, tls, ..SmtpBehaviour::default() };
        let mut smtp = SmtpServer::start(behaviour).await;
        let port = smtp.address.port();
        let url = format!("{scheme}://wizi:geheim@localhost:{port}{parameter}");
        let output = mail_test(&url, &authority).await;
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(text.contains("accepted a test mail") && !text.contains("geheim"), "{text}");
        let mail = smtp.next_mail().await;
        assert!(mail.is_encrypted && mail.text().contains('\u{2713}'), "{mail:?}");
        // Another authority, and another name than the certificate's.
        let other = mail_test(&url, &folder.path().join("other.pem")).await;
        assert_fails(&other, "certificate", "install an own authority");
        let by_address = mail_test(&url.replace("localhost", "127.0.0.1"), &authority).await;
        assert_fails(&by_address, "certificate", "name the host");
        assert_eq!(smtp.further_mails(), 0);
    }
}

#[tokio::test]
async fn mail_test_says_what_to_do() {
    let nothing = Path::new("/dev/null");
    let plain = SmtpServer::start(SmtpBehaviour::default()).await;
    let at = |smtp: &SmtpServer, login: &str| format!("smtp://{login}{}", smtp.address);
    let required = format!("{}?tls=required", at(&plain, "wizi:geheim@"));
    let output = mail_test(&required, nothing).await;
    assert_fails(&output, "offers no STARTTLS", "use smtps://");
    let wrapped = at(&plain, "wizi:geheim@").replace("smtp://", "smtps://");
    let output = mail_test(&wrapped, nothing).await;
    assert_fails(&output, "TLS failed", "use smtp:// instead");
    let output = mail_test(&at(&plain, "wizi:geheim@"), nothing).await;
    assert_fails(&output, "accepts no name and password", "remove USER:PASSWORD");
    let output = mail_test("smtp://127.0.0.1:1", nothing).await;
    assert_fails(&output, "cannot be reached", "check host and port");
    let output = mail_test("smtps://host.invalid", nothing).await;
    assert_fails(&output, "cannot be reached", "check host and port");
    for (behaviour, login, reason, hint) in [
        (
            SmtpBehaviour { login: Some(LOGIN), ..SmtpBehaviour::default() },
            "wizi:geheim2@",
            "refused name and password: 535 5.7.8",
            "a password for apps",
        ),
        (
            SmtpBehaviour { unknown: Some("ada@example.org"), ..SmtpBehaviour::default() },
            "",
            "refused the mail: 550 5.1.1",
            "the recipient's address exists",
        ),
        (
            SmtpBehaviour { deferred: 1, ..SmtpBehaviour::default() },
            "",
            "now: 451 4.7.1",
            "try again",
        ),
        (
            SmtpBehaviour { dropped: 1, ..SmtpBehaviour::default() },
            "",
            "connection to the mail server failed",
            "check that the port",
        ),
    ] {
        let smtp = SmtpServer::start(behaviour).await;
        assert_fails(&mail_test(&at(&smtp, login), nothing).await, reason, hint);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
    let off = command.args(["mail-test", "ada@example.org"]).env_clear().output().await.unwrap();
    assert_fails(&off, "no mail server is configured", "smtp_url");
}

#[tokio::test]
async fn log_has_no_secret_of_the_mail_server() {
    let behaviour = SmtpBehaviour { login: Some(LOGIN), ..SmtpBehaviour::default() };
    let smtp = SmtpServer::start(behaviour).await;
    let url = format!("smtp://wizi:geheim-and-wrong@{}", smtp.address);
    let options = ["--smtp-url", &url, "--smtp-from", SENDER, "--public-url", PUBLIC_URL];
    let program = Program::start(&[&options[..], &["--log", "debug"]].concat()).await;
    let headers = [("content-type", "application/json")];
    for (path, body) in [
        ("/api/sign_up", credentials("ada@example.org", "correct horse")),
        ("/api/password_reset", json!({"email": "ada@example.org"})),
    ] {
        let body = body.to_string();
        let sent = request(program.address, "POST", path, &headers, body.as_bytes()).await;
        assert!(sent.status < 300, "{sent:?}");
    }
    let log = program.log_until("mail not sent").await;
    assert!(log.contains("event=password_reset_requested"), "{log}");
    assert!(log.contains("reason=\"sign_in_refused\" code=535"), "{log}");
    for secret in ["geheim", "ada@example.org", "set-password", "authentication failed"] {
        assert!(!log.contains(secret), "{secret} is in the log\n{log}");
    }
}

#[tokio::test]
async fn shutdown_waits_for_the_mail_that_is_being_sent() {
    captured_log::start();
    let (open, gate) = watch::channel(false);
    let behaviour = SmtpBehaviour { gate: Some(gate), ..SmtpBehaviour::default() };
    let mut smtp = SmtpServer::start(behaviour).await;
    let mut server = TestServer::start_with(Backend::Sqlite, mail_to(&smtp.url()), |app| app).await;
    let account = server.sign_up(EMAIL).await;
    server.post("/api/password_reset", None, &json!({"email": EMAIL})).await;
    smtp.next_mail().await;
    server.begin_shutdown();
    open.send_replace(true);
    server.stopped().await;
    assert_eq!(captured_log::lines(&["mail sent", account.user_id()]).len(), 1);
}

#[tokio::test]
async fn metrics_count_mails() {
    let mut smtp =
        SmtpServer::start(SmtpBehaviour { deferred: 1, ..SmtpBehaviour::default() }).await;
    let server = TestServer::start_with(Backend::Sqlite, mail_to(&smtp.url()), |app| app).await;
    let address = serve_test_metrics(&server).await;
    server.sign_up(EMAIL).await;
    server.post("/api/password_reset", None, &json!({"email": EMAIL})).await;
    smtp.next_mail().await;
    let mut counted = [0.0; 4];
    // The mail is counted once its acknowledgement was read.
    while counted[1] < 1.0 {
        let samples = metrics(address).await;
        counted = ["delayed", "sent", "failed", "dropped"]
            .map(|outcome| samples[&format!("wizitime_mails_total{{outcome=\"{outcome}\"}}")]);
    }
    assert_eq!(counted, [1.0, 1.0, 0.0, 0.0]);
}
