//! TLS connections to an OpenID Connect provider.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wizitime_server_support::oidc_provider::provider_metadata;
use wizitime_server_support::{certificates, request};

use super::program::Program;

/// Serves the folder over HTTPS on a free port. The files are whole responses.
async fn serve(folder: &Path) -> (Child, u16) {
    let mut openssl = Command::new("openssl");
    openssl.args(["s_server", "-HTTP", "-accept", "0", "-cert", "server.pem"]);
    openssl.args(["-key", "server.key"]).current_dir(folder).kill_on_drop(true);
    // With an open standard input, because it ends with it.
    openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = openssl.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            let (_, port) = address.rsplit_once(':').unwrap();
            let port = port.parse().unwrap();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (process, port);
        }
    }
}

fn write(folder: &Path, name: &str, body: &Value) {
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let length = body.len();
    let response = format!("{head}content-length: {length}\r\n\r\n{body}");
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, response).unwrap();
}

/// Where the server sends a browser that signs in, and the log of the server.
async fn start(issuer: &str, authority: &Path) -> (String, String) {
    let environment = [
        ("SSL_CERT_FILE", authority.to_str().unwrap()),
        ("WIZITIME_OIDC_ISSUER", issuer),
        ("WIZITIME_OIDC_CLIENT_ID", "wizitime"),
        ("WIZITIME_OIDC_CLIENT_SECRET", "geheim"),
    ];
    let program = Program::start_with(&[], &environment).await;
    let response = request(program.address, "GET", "/api/oidc/start", &[], b"").await;
    assert_eq!(response.status, 303, "{response:?}");
    let location = response.header("location").unwrap().to_owned();
    let log = program.log().await;
    assert!(!log.contains("geheim"), "{log}");
    (location, log)
}

#[tokio::test]
async fn certificate_of_the_provider_is_verified() {
    let folder = certificates::create().await;
    let (_process, port) = serve(folder.path()).await;
    let issuer = format!("https://localhost:{port}/main");
    let metadata = provider_metadata(&issuer);
    write(folder.path(), "main/.well-known/openid-configuration", &metadata);
    write(folder.path(), "main/keys", &json!({"keys": []}));
    let authority = folder.path().join("authority.pem");
    let (location, log) = start(&issuer, &authority).await;
    assert!(location.starts_with(&format!("{issuer}/authorize?")), "{location}\n{log}");
    // Another authority, another host name, and keys without TLS.
    let other = folder.path().join("other.pem");
    let by_address = format!("https://127.0.0.1:{port}/main");
    for (issuer, authority) in [(&issuer, &other), (&by_address, &authority)] {
        let (location, log) = start(issuer, authority).await;
        assert!(location.ends_with("#sign-in-error=provider_unavailable"), "{location}");
        assert!(log.contains("certificate"), "{log}");
    }
    let mut plain = metadata;
    plain["jwks_uri"] = json!(format!("http://localhost:{port}/main/keys"));
    write(folder.path(), "main/.well-known/openid-configuration", &plain);
    let (location, log) = start(&issuer, &authority).await;
    assert!(location.ends_with("#sign-in-error=provider_unavailable"), "{location}\n{log}");
}
