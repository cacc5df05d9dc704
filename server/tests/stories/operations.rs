//! What those see who run the server: whether it is ready, its figures, its log.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use wizitime_domain::UserId;
use wizitime_hub::JobError;
use wizitime_server::{Jobs, StorageError, healthcheck, serve_metrics};

use crate::client::handshake;
use crate::events::{id, start};
use crate::http::{Answer, request};
use crate::world::World;

/// Where a server can be watched, until the story ends.
async fn watched(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_metrics(listener, Arc::clone(&world.app)));
    address
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    request(address, "GET", path, &[], b"").await
}

/// Every sample by its name and labels. Checks the format on the way.
async fn figures(address: SocketAddr) -> BTreeMap<String, f64> {
    let answer = get(address, "/metrics").await;
    assert_eq!(answer.status, 200);
    let content_type = answer.header("content-type").unwrap();
    assert!(content_type.starts_with("text/plain; version=0.0.4"), "{content_type}");
    read_figures(std::str::from_utf8(&answer.body).unwrap())
}

fn read_figures(text: &str) -> BTreeMap<String, f64> {
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
async fn the_figures_tell_what_happened() {
    let world = World::new().await;
    let watch = watched(&world).await;
    let account = world.sign_up("ada@example.org").await;
    let mut client = world.join(&account).await;
    client.bulk(&[start(&id(), 1_000)]).await;
    client.push("BULK_EVENT", &json!({"events": 1})).await;
    client.push("dance", &json!({})).await;
    let reference = client.push("ping", &json!({"sent_at": 1})).await;
    client.reply(&reference).await;
    assert_eq!(world.get("/nothing/ada@example.org", &[]).await.status, 404);
    let figures = figures(watch).await;
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
        ("wizitime_http_request_duration_seconds_count", 3.0),
        ("wizitime_http_request_duration_seconds_bucket{le=\"+Inf\"}", 3.0),
        ("wizitime_build_info{version=\"0.1.0\"}", 1.0),
    ] {
        assert_eq!(figures.get(name), Some(&expected), "{name}\n{figures:#?}");
    }
    assert!(figures.keys().all(|name| !name.contains("ada")), "{figures:#?}");
}

#[tokio::test]
async fn what_is_over_is_not_counted_as_open() {
    let world = World::new().await;
    let watch = watched(&world).await;
    let account = world.sign_up("ada@example.org").await;
    let client = world.join(&account).await;
    drop(client);
    world.open_sockets(0).await;
    let figures = figures(watch).await;
    assert_eq!(figures["wizitime_sockets_open"], 0.0);
    assert_eq!(figures["wizitime_channels_joined"], 0.0);
}

#[tokio::test]
async fn a_failing_database_is_counted_and_batches_with_it() {
    let fails = |_: UserId, _| async {
        Err(StorageError::TimedOut { waited_ms: 1 })
            as Result<wizitime_hub::JobResult, StorageError>
    };
    assert_eq!(StorageError::TimedOut { waited_ms: 1 }.job_error(), JobError::Unavailable);
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let mut joined = world.join(&account).await;
    let watch = watched(&world).await;
    world.app.storage().close().await;
    let reference = joined.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await;
    assert_eq!(joined.reply(&reference).await.0, "error");
    let figures = figures(watch).await;
    assert_eq!(figures["wizitime_batches_total{outcome=\"unavailable\"}"], 1.0);
    assert_eq!(figures["wizitime_events_appended_total"], 0.0);
    assert!(figures["wizitime_database_errors_total{kind=\"unavailable\"}"] >= 1.0);
    // What is not the database's own doing is not counted as its error.
    let world = World::with(|app| app.with_jobs(Jobs::new(fails))).await;
    let account = world.sign_up("ada@example.org").await;
    let watch = watched(&world).await;
    let mut client = world.connect(&account).await;
    let params = json!({"device_id": crate::events::DEVICE_ID, "client_version": "1"});
    assert_eq!(client.try_join(&params).await.0, "error");
    let figures = self::figures(watch).await;
    assert_eq!(figures["wizitime_channels_joined"], 0.0);
    assert_eq!(figures["wizitime_database_errors_total{kind=\"timed_out\"}"], 0.0);
}

#[tokio::test]
async fn the_figures_are_not_on_the_public_address() {
    let world = World::new().await;
    assert_eq!(world.get("/metrics", &[]).await.status, 404);
}

#[tokio::test]
async fn it_is_ready_as_long_as_the_database_answers() {
    let world = World::new().await;
    let watch = watched(&world).await;
    for address in [world.address, watch] {
        let answer = get(address, "/ready").await;
        assert_eq!((answer.status, &*answer.body), (200, &b"ready\n"[..]));
    }
    assert!(healthcheck::run(world.address).await.unwrap().ends_with("is ready\n"));
    world.app.storage().close().await;
    for address in [world.address, watch] {
        let answer = get(address, "/ready").await;
        assert_eq!(answer.status, 503);
        assert_eq!(&*answer.body, b"the database does not answer\n");
        assert_eq!(get(address, "/health").await.status, 200, "the process lives");
    }
    let told = healthcheck::run(world.address).await.unwrap_err().to_string();
    assert!(told.ends_with("is not ready: 503 the database does not answer"), "{told}");
}

#[tokio::test]
async fn it_is_not_ready_once_it_stops() {
    let mut world = World::new().await;
    let watch = watched(&world).await;
    let account = world.sign_up("ada@example.org").await;
    let query = format!("?token={}&vsn=2.0.0", account.token);
    let (mut stream, _) = handshake(world.address, &query, &[]).await.unwrap();
    world.ask_to_stop();
    // The first thing that a socket hears; its end is not answered, so the server waits for it.
    use futures_util::StreamExt as _;
    stream.next().await.unwrap().unwrap();
    let answer = get(watch, "/ready").await;
    assert_eq!((answer.status, &*answer.body), (503, &b"the server is stopping\n"[..]));
    assert_eq!(get(watch, "/health").await.status, 200);
    drop(stream);
    world.stopped().await;
}

#[tokio::test]
async fn nobody_there_is_not_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let told = healthcheck::run(address).await.unwrap_err().to_string();
    assert!(told.contains("does it run?"), "{told}");
}

#[tokio::test]
async fn every_answer_has_an_id() {
    let world = World::new().await;
    for path in ["/", "/health", "/api/session", "/nothing"] {
        let first = world.get(path, &[]).await;
        let second = world.get(path, &[]).await;
        let fresh = first.header("x-request-id").unwrap();
        assert_eq!(fresh.len(), 32, "{fresh}");
        assert_ne!(Some(fresh), second.header("x-request-id"));
        let given = world.get(path, &[("x-request-id", "proxy-1.2_3")]).await;
        assert_eq!(given.header("x-request-id"), Some("proxy-1.2_3"));
        let sly = world.get(path, &[("x-request-id", "a b\" level=error")]).await;
        assert_eq!(sly.header("x-request-id").unwrap().len(), 32);
    }
}
