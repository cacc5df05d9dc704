//! Three servers and several devices, while a server is killed, the database crashes and a server
//! is restarted. No acknowledged event is lost, and all servers return the same data.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wizitime_domain::Timestamp;
use wizitime_server::{READY_LINE, Storage};

use wizitime_server_support::events::{id, start};
use wizitime_server_support::postgres_cluster::{Cluster, Fsync};
use wizitime_server_support::storage::{EPOCH, create_user, token};
use wizitime_server_support::{Account, PhoenixClient};

const NODES: usize = 3;
const DEVICES: usize = 6;
const EVENTS: usize = 50;
/// The wait before a device tries the next server.
const RETRY_MS: u64 = 50;
/// Fails the test if the devices do not finish.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The addresses of the servers, as a load balancer has them.
type Addresses = Arc<Mutex<[SocketAddr; NODES]>>;

/// A server process.
struct Node(Child);

impl Node {
    async fn start(url: &str, addresses: &Addresses, number: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]).env("DATABASE_URL", url);
        command.env_remove("WIZITIME_DATABASE").kill_on_drop(true);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready_line = lines.next_line().await.unwrap().unwrap();
        let address = ready_line.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        addresses.lock().unwrap()[number] = address;
        Self(process)
    }

    /// Stops it with SIGTERM, as a rolling restart does.
    async fn stop(&mut self) {
        let pid = self.0.id().unwrap().to_string();
        assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
        assert!(self.0.wait().await.unwrap().success());
    }
}

/// A device that sends its events one by one, each until it is acknowledged, to any server.
async fn run_device(
    number: usize,
    addresses: Addresses,
    account: Account,
    events: Vec<Value>,
    acknowledged: watch::Sender<usize>,
) {
    let (events, sent) = (Arc::new(events), Arc::new(AtomicUsize::new(0)));
    for attempt in number.. {
        let address = addresses.lock().unwrap()[attempt % NODES];
        let (account, events, sent) = (account.clone(), Arc::clone(&events), Arc::clone(&sent));
        let (progress, acknowledged) = (Arc::clone(&sent), acknowledged.clone());
        // A failure panics the task and thereby ends its connection.
        let connection = tokio::spawn(async move {
            let mut client =
                PhoenixClient::connect(address, &account.token, &account.channel).await;
            client.join().await;
            while let Some(event) = events.get(sent.load(Ordering::Relaxed)) {
                client.bulk(std::slice::from_ref(event)).await;
                sent.fetch_add(1, Ordering::Relaxed);
                acknowledged.send_modify(|count| *count += 1);
            }
        });
        if connection.await.is_ok() {
            assert_eq!(progress.load(Ordering::Relaxed), EVENTS);
            return;
        }
        sleep(Duration::from_millis(RETRY_MS)).await;
    }
}

#[tokio::test]
async fn acknowledged_events_survive_a_server_kill_and_a_database_crash() {
    let cluster = Arc::new(Cluster::start(Fsync::On));
    let url = cluster.create_database().await;
    let storage = Storage::open(&url.parse().unwrap(), EPOCH).await.unwrap();
    let user_id = create_user(&storage).await;
    let (session_token, new) = token(user_id, Timestamp::MAX.as_ms());
    storage.add_token(new).await.unwrap();
    storage.close().await;
    let account = Account {
        token: session_token.expose_secret().to_owned(),
        channel: format!("users:{user_id}"),
        email: String::new(),
    };
    let addresses: Addresses = Arc::new(Mutex::new([([127, 0, 0, 1], 1).into(); NODES]));
    let mut nodes = Vec::new();
    for number in 0..NODES {
        nodes.push(Node::start(&url, &addresses, number).await);
    }
    let (acknowledged, mut count) = watch::channel(0);
    let mut devices = JoinSet::new();
    let mut ids = BTreeSet::new();
    for number in 0..DEVICES {
        let events: Vec<_> = (0..EVENTS).map(|at| start(&id(), at as u64 * 1_000)).collect();
        ids.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        let (addresses, account) = (Arc::clone(&addresses), account.clone());
        devices.spawn(run_device(number, addresses, account, events, acknowledged.clone()));
    }
    let all = DEVICES * EVENTS;
    let faults = async {
        count.wait_for(|count| *count >= all / 6).await.unwrap();
        nodes[0].0.kill().await.unwrap();
        count.wait_for(|count| *count >= all / 3).await.unwrap();
        let database = Arc::clone(&cluster);
        let acknowledged = count.clone();
        let crash = move || {
            database.crash();
            let acknowledged = *acknowledged.borrow();
            database.start_again();
            acknowledged
        };
        let before = tokio::task::spawn_blocking(crash).await.unwrap();
        assert!(before < all, "the database crashed after all events were sent");
        count.wait_for(|count| *count >= all / 2).await.unwrap();
        nodes[1].stop().await;
        nodes[1] = Node::start(&url, &addresses, 1).await;
    };
    let everything = async { tokio::join!(faults, devices.join_all()) };
    timeout(TIMEOUT, everything).await.unwrap();
    assert_eq!(*acknowledged.borrow(), all);

    let mut database = PgConnection::connect(&url).await.unwrap();
    let log = "SELECT seq, json::jsonb ->> 'id' FROM events ORDER BY seq";
    let log: Vec<(i64, String)> = sqlx::query_as(log).fetch_all(&mut database).await.unwrap();
    let seqs: Vec<i64> = log.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, (1..=all as i64).collect::<Vec<_>>(), "each event once, without gaps");
    assert_eq!(log.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>(), ids);
    let mut pages = BTreeSet::new();
    let running = addresses.lock().unwrap()[1..].to_vec();
    for address in running {
        let mut client = PhoenixClient::connect(address, &account.token, &account.channel).await;
        client.join().await;
        pages.insert(client.changes_page(&Value::Null, 0, 1_000).await.to_string());
    }
    assert_eq!(pages.len(), 1, "all servers return the same page");
}
