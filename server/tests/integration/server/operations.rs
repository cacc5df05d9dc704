//! Readiness, health check, metrics and request ids.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wizitime_domain::UserId;
use wizitime_hub::JobError;
use wizitime_server::{Jobs, StorageError, TrustedProxies, healthcheck, serve_metrics};
use wizitime_server_support::events::{id, start};
use wizitime_server_support::{Backend, DEVICE_ID, HttpResponse, TestServer, handshake, request};

/// Starts the metrics listener and returns its address.
pub(super) async fn serve_test_metrics(server: &TestServer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_metrics(listener, Arc::clone(&server.app)));
    address
}

async fn get(address: SocketAddr, path: &str) -> HttpResponse {
    request(address, "GET", path, &[], b"").await
}

/// Every sample by name and labels. Also checks the format.
pub(super) async fn metrics(address: SocketAddr) -> BTreeMap<String, f64> {
    let response = get(address, "/metrics").await;
    assert_eq!(response.status, 200);
    let content_type = response.header("content-type").unwrap();
    assert!(content_type.starts_with("text/plain; version=0.0.4"), "{content_type}");
    parse_metrics(std::str::from_utf8(&response.body).unwrap())
}

fn parse_metrics(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let mut samples = BTreeMap::new();
    let (mut helped, mut family) = (None, None);
    for line in text.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["#", "HELP", name, help] => {
                assert!(!help.is_empty(), "{line}");
                helped = Some((*name).to_owned());
            }
            ["#", "TYPE", name, kind] => {
                assert_eq!(helped.take().as_deref(), Some(*name), "HELP comes before TYPE");
                assert!(["counter", "gauge", "histogram"].contains(kind), "{line}");
                assert_eq!(*kind == "counter", name.ends_with("_total"), "{line}");
                family = Some(((*name).to_owned(), *kind == "histogram"));
            }
            _ => {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let name = sample.split('{').next().unwrap();
                let (family, is_histogram) = family.as_ref().unwrap();
                let rest = name.strip_prefix(family.as_str());
                let endings: &[&str] =
                    if *is_histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(rest.is_some_and(|rest| endings.contains(&rest)), "{line} in {family}");
                check_labels(&sample[name.len()..]);
                let value = value.parse().unwrap();
                assert!(samples.insert(sample.to_owned(), value).is_none(), "{line} twice");
            }
        }
    }
    samples
}

fn check_labels(labels: &str) {
    let Some(inner) = labels.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return assert_eq!(labels, "");
    };
    for label in inner.split(',') {
        let (name, value) = label.split_once('=').unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{labels}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(!value.contains(['"', '\\', '\n']), "{labels}");
    }
}

#[tokio::test]
async fn metrics_count_requests_pushes_and_events() {
    let server = TestServer::start(Backend::Sqlite).await;
    let metrics_address = serve_test_metrics(&server).await;
    let account = server.sign_up("ada@example.org").await;
    let mut client = server.join(&account).await;
    client.bulk(&[start(&id(), 1_000)]).await;
    client.push("BULK_EVENT", &json!({"events": 1})).await;
    client.push("dance", &json!({})).await;
    let reference = client.push("ping", &json!({"sent_at": 1})).await;
    client.reply(&reference).await;
    assert_eq!(server.get("/nothing/ada@example.org", &[]).await.status, 404);
    let metrics = metrics(metrics_address).await;
    for (name, expected) in [
        ("wizitime_sockets_open", 1.0),
        ("wizitime_channels_joined", 1.0),
        ("wizitime_events_appended_total", 1.0),
        ("wizitime_batches_total{outcome=\"committed\"}", 1.0),
        ("wizitime_batches_total{outcome=\"malformed\"}", 1.0),
        ("wizitime_batches_total{outcome=\"rejected\"}", 0.0),
        ("wizitime_replies_total{status=\"ok\"}", 2.0),
        ("wizitime_replies_total{status=\"error\"}", 2.0),
        ("wizitime_database_errors_total{kind=\"unavailable\"}", 0.0),
        ("wizitime_password_hashes_running", 0.0),
        ("wizitime_password_hashes_waiting", 0.0),
        ("wizitime_http_requests_total{route=\"/api/sign_up\",status=\"2xx\"}", 1.0),
        ("wizitime_http_requests_total{route=\"/socket/websocket\",status=\"1xx\"}", 1.0),
        ("wizitime_http_requests_total{route=\"app\",status=\"4xx\"}", 1.0),
        ("wizitime_http_request_duration_seconds_count{route=\"/api/sign_up\"}", 1.0),
        ("wizitime_http_request_duration_seconds_bucket{route=\"app\",le=\"+Inf\"}", 1.0),
        ("wizitime_http_request_duration_seconds_count{route=\"/api/export\"}", 0.0),
        ("wizitime_message_duration_seconds_count{message=\"phx_join\"}", 1.0),
        ("wizitime_message_duration_seconds_count{message=\"BULK_EVENT\"}", 1.0),
        ("wizitime_message_duration_seconds_count{message=\"GET_LATEST_TIME_ENTRIES\"}", 0.0),
        ("wizitime_build_info{version=\"0.1.0\"}", 1.0),
    ] {
        assert_eq!(metrics.get(name), Some(&expected), "{name}\n{metrics:#?}");
    }
    assert!(metrics.keys().all(|name| !name.contains("ada")), "{metrics:#?}");
}

#[tokio::test]
async fn closed_sockets_leave_the_gauges() {
    let server = TestServer::start(Backend::Sqlite).await;
    let metrics_address = serve_test_metrics(&server).await;
    let account = server.sign_up("ada@example.org").await;
    let client = server.join(&account).await;
    drop(client);
    server.wait_for_open_sockets(0).await;
    let metrics = metrics(metrics_address).await;
    assert_eq!(metrics["wizitime_sockets_open"], 0.0);
    assert_eq!(metrics["wizitime_channels_joined"], 0.0);
}

#[tokio::test]
async fn database_errors_and_their_batches_are_counted() {
    let fails = |_: UserId, _| async {
        Err(StorageError::TimedOut { waited_ms: 1 })
            as Result<wizitime_hub::JobResult, StorageError>
    };
    assert_eq!(StorageError::TimedOut { waited_ms: 1 }.job_error(), JobError::Unavailable);
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.sign_up("ada@example.org").await;
    let mut joined = server.join(&account).await;
    let metrics_address = serve_test_metrics(&server).await;
    server.app.storage().close().await;
    let reference = joined.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    assert_eq!(joined.reply(&reference).await.0, "error");
    let metrics = metrics(metrics_address).await;
    assert_eq!(metrics["wizitime_batches_total{outcome=\"unavailable\"}"], 1.0);
    assert_eq!(metrics["wizitime_events_appended_total"], 0.0);
    assert!(metrics["wizitime_database_errors_total{kind=\"unavailable\"}"] >= 1.0);
    // An error of the job handler is not an error of the database.
    let server =
        TestServer::start_with(Backend::Sqlite, |_| (), |app| app.with_jobs(Jobs::new(fails)))
            .await;
    let account = server.sign_up("ada@example.org").await;
    let metrics_address = serve_test_metrics(&server).await;
    let mut client = server.connect(&account).await;
    let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
    assert_eq!(client.try_join(&params).await.0, "error");
    let metrics = self::metrics(metrics_address).await;
    assert_eq!(metrics["wizitime_channels_joined"], 0.0);
    assert_eq!(metrics["wizitime_database_errors_total{kind=\"timed_out\"}"], 0.0);
}

#[tokio::test]
async fn metrics_are_not_on_the_public_address() {
    let server = TestServer::start(Backend::Sqlite).await;
    assert_eq!(server.get("/metrics", &[]).await.status, 404);
}

#[tokio::test]
async fn readiness_follows_the_database() {
    let server = TestServer::start(Backend::Sqlite).await;
    let metrics_address = serve_test_metrics(&server).await;
    for address in [server.address, metrics_address] {
        let response = get(address, "/ready").await;
        assert_eq!((response.status, &*response.body), (200, &b"ready\n"[..]));
    }
    assert!(healthcheck::run(server.address).await.unwrap().ends_with("is ready\n"));
    server.app.storage().close().await;
    for address in [server.address, metrics_address] {
        let response = get(address, "/ready").await;
        assert_eq!(response.status, 503);
        assert_eq!(&*response.body, b"the database does not answer\n");
        assert_eq!(get(address, "/health").await.status, 200, "the process is alive");
    }
    let error = healthcheck::run(server.address).await.unwrap_err().to_string();
    assert!(error.ends_with("is not ready: 503 the database does not answer"), "{error}");
}

/// Otherwise everyone who can reach the public address could keep the disk busy.
#[tokio::test]
async fn readiness_writes_at_most_once_a_second() {
    let server = TestServer::start(Backend::Sqlite).await;
    let count = "CREATE TABLE probes (number INTEGER); CREATE TRIGGER count AFTER INSERT ON meta \
                 BEGIN INSERT INTO probes VALUES (1); END";
    server.database.execute(count).await;
    let started = Instant::now();
    for _ in 0..50 {
        assert_eq!(get(server.address, "/ready").await.status, 200);
    }
    let elapsed = started.elapsed();
    let mut connection = server.database.sqlite_connection().await;
    let probes: i64 =
        sqlx::query_scalar("SELECT count(*) FROM probes").fetch_one(&mut connection).await.unwrap();
    let most = i64::try_from(elapsed.as_secs()).unwrap() + 1;
    assert!((1..=most).contains(&probes), "{probes} in {elapsed:?}");
}

#[tokio::test]
async fn stopping_server_is_not_ready() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    let metrics_address = serve_test_metrics(&server).await;
    let account = server.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let (mut stream, _) = handshake(server.address, &query, &[]).await.unwrap();
    server.begin_shutdown();
    // The first message is the close frame; it is not answered, so the server waits.
    use futures_util::StreamExt as _;
    stream.next().await.unwrap().unwrap();
    let response = get(metrics_address, "/ready").await;
    assert_eq!((response.status, &*response.body), (503, &b"the server is stopping\n"[..]));
    assert_eq!(get(metrics_address, "/health").await.status, 200);
    drop(stream);
    server.stopped().await;
}

#[tokio::test]
async fn healthcheck_fails_without_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = healthcheck::run(address).await.unwrap_err().to_string();
    assert!(error.contains("does it run?"), "{error}");
}

#[tokio::test]
async fn every_response_has_a_request_id() {
    let proxies = TrustedProxies::from_iter(["127.0.0.1/32".parse().unwrap()]);
    let behind = TestServer::start_with(
        Backend::Sqlite,
        |config| config.trusted_proxies = proxies,
        |app| app,
    )
    .await;
    let direct = TestServer::start(Backend::Sqlite).await;
    for path in ["/", "/health", "/api/session", "/nothing"] {
        let first = behind.get(path, &[]).await;
        let second = behind.get(path, &[]).await;
        let fresh = first.header("x-request-id").unwrap();
        assert_eq!(fresh.len(), 32, "{fresh}");
        assert_ne!(Some(fresh), second.header("x-request-id"));
        let id = [("x-request-id", "proxy-1.2_3")];
        let given = behind.get(path, &id).await;
        assert_eq!(given.header("x-request-id"), Some("proxy-1.2_3"));
        let forged = behind.get(path, &[("x-request-id", "a b\" level=error")]).await;
        assert_eq!(forged.header("x-request-id").unwrap().len(), 32);
        let untrusted = direct.get(path, &id).await;
        assert_eq!(untrusted.header("x-request-id").unwrap().len(), 32, "{path}");
    }
}
