//! The lines of the audit log, and the fail2ban filter that reads them.

use std::process::Command;

use serde_json::json;
use wizitime_server::audit::AuditEvent;
use wizitime_server_support::{PASSWORD, credentials, request};

use super::program::Program;

const FILTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/fail2ban/wizitime.conf");
/// Whose sign-ins fail, and who signs in.
const GUESSER: &str = "192.0.2.7";
const GUESSER_IPV6: &str = "2001:db8:1:2ff::9";
const OWNER: &str = "198.51.100.4";

async fn post(program: &Program, path: &str, client: &str, body: &str) -> u16 {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", client)];
    request(program.address, "POST", path, &headers, body.as_bytes()).await.status
}

/// Signs up, in, and fails to. Returns the log.
async fn log(format: &str) -> String {
    let options = ["--trusted-proxies", "127.0.0.1", "--log-format", format];
    let program = Program::start(&options).await;
    let right = credentials("me@nas", PASSWORD).to_string();
    assert_eq!(post(&program, "/api/sign_up", OWNER, &right).await, 201);
    assert_eq!(post(&program, "/api/sign_in", OWNER, &right).await, 200);
    // Text that looks like a line of the log stays in one field or is left out.
    let forged = format!("audit event=sign_in_failed user=- address={OWNER}");
    for (email, client) in [
        ("me@nas", GUESSER),
        ("unknown@nas", GUESSER),
        ("no email", GUESSER),
        (&*forged, GUESSER),
        ("me@nas", GUESSER_IPV6),
    ] {
        let wrong = credentials(email, "wrong horse").to_string();
        assert_eq!(post(&program, "/api/sign_in", client, &wrong).await, 401);
    }
    let path = format!("/api/sign_in?{}", forged.replace(' ', "%20"));
    let broken = json!({"email": forged}).to_string();
    assert_eq!(post(&program, &path, OWNER, &broken).await, 400);
    program.log().await
}

fn audit_lines(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("wizitime_server::audit")).collect()
}

#[tokio::test]
async fn audit_lines_are_as_documented() {
    let text = log("text").await;
    let lines = audit_lines(&text);
    assert_eq!(lines.len(), 7, "{text}");
    for (line, event, client) in
        [(0, "signed_up", OWNER), (1, "signed_in", OWNER), (2, "sign_in_failed", GUESSER)]
    {
        let (_, fields) = lines[line].split_once("wizitime_server::audit: ").unwrap();
        let words: Vec<&str> = fields.split(' ').collect();
        let (event, client) = (format!("event={event}"), format!("address={client}"));
        assert_eq!((words[0], words[1], words[3]), ("audit", &*event, &*client), "{fields}");
        assert!(words[2].starts_with("user=") && words[2].len() == 41, "{fields}");
    }
    assert!(lines[3].ends_with("user=- address=192.0.2.7"), "{}", lines[3]);
    assert!(lines[6].ends_with(&format!("address={GUESSER_IPV6}")), "the whole address");
    assert!(!text.contains("me@nas") && !text.contains("unknown@nas"));
}

/// The addresses that fail2ban finds in a log.
#[expect(clippy::print_stderr, reason = "a skipped test gives its reason")]
fn banned(log: &str) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.log");
    std::fs::write(&file, log).unwrap();
    let mut command = Command::new("fail2ban-regex");
    match command.args(["--out", "<ip>"]).arg(&file).arg(FILTER).output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            let text = String::from_utf8(output.stdout).unwrap();
            Some(text.lines().map(str::to_owned).collect())
        }
        Err(error) => {
            eprintln!("did not run: fail2ban-regex: {error}; install the package fail2ban");
            None
        }
    }
}

#[tokio::test]
async fn fail2ban_finds_the_addresses_of_failed_sign_ins_and_refused_codes_only() {
    for format in ["text", "json"] {
        let log = log(format).await;
        // As in the journal.
        let prefixed: String =
            log.lines().map(|line| format!("nas wizitime-server[12]: {line}\n")).collect();
        let of_codes = log.replace("sign_in_failed", AuditEvent::CodeRefused.name());
        let asked = log.replace("sign_in_failed", AuditEvent::CodeAsked.name());
        let Some(of_users) = banned(&asked) else { return };
        assert!(of_users.is_empty(), "asking for a code is no failure: {of_users:?}");
        let of_provider = log.replace("sign_in_failed", AuditEvent::OidcSignInFailed.name());
        let refused = log.replace("sign_in_failed", AuditEvent::OidcSignInRefused.name());
        let Some(of_users) = banned(&refused) else { return };
        assert!(of_users.is_empty(), "a user of the provider does not guess: {of_users:?}");
        for log in [log, prefixed, of_codes, of_provider] {
            let Some(found) = banned(&log) else { return };
            let expected = [GUESSER, GUESSER, GUESSER, GUESSER, GUESSER_IPV6];
            assert_eq!(found, expected, "{format}\n{log}");
        }
    }
}
