//! Three servers, devices spread over them, and trouble: a server is killed, the database crashes,
//! a server is asked to stop. Nothing that was acknowledged is lost, and all see the same.

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

use crate::client::Client;
use crate::cluster::{Cluster, Fsync};
use crate::conformance::{EPOCH, token, user};
use crate::events::{id, start};
use crate::world::Account;

const NODES: usize = 3;
const DEVICES: usize = 6;
const EVENTS: usize = 50;
/// How long a device waits before it tries the next server.
const RETRY_MS: u64 = 50;
/// All of it together takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the servers are, as a load balancer knows it.
type Addresses = Arc<Mutex<[SocketAddr; NODES]>>;

/// A server of its own process.
struct Node(Child);

impl Node {
    async fn start(url: &str, addresses: &Addresses, number: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wizitime-server"));
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]).env("DATABASE_URL", url);
        command.env_remove("WIZITIME_DATABASE").kill_on_drop(true);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let greeting = lines.next_line().await.unwrap().unwrap();
        let address = greeting.strip_prefix(READY_LINE).unwrap().parse().unwrap();
        addresses.lock().unwrap()[number] = address;
        Self(process)
    }

    /// Asks it to stop, as a rolling restart does.
    async fn stop(&mut self) {
        let pid = self.0.id().unwrap().to_string();
        assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
        assert!(self.0.wait().await.unwrap().success());
    }
}

/// A device that sends its events one by one, each until it is acknowledged, to whichever server
/// takes them.
async fn device(
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
        // What goes wrong on a connection panics in there, and is the end of the connection.
        let connection = tokio::spawn(async move {
            let mut client = Client::connect(address, &account.token, &account.channel).await;
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
async fn what_three_servers_acknowledge_outlives_a_server_and_a_crash_of_the_database() {
    let cluster = Arc::new(Cluster::start(Fsync::On));
    let url = cluster.database().await;
    let storage = Storage::open(&url.parse().unwrap(), EPOCH).await.unwrap();
    let user_id = user(&storage).await;
    let (shown, new) = token(user_id, Timestamp::MAX.as_ms());
    storage.add_token(new).await.unwrap();
    storage.close().await;
    let account = Account {
        token: shown.expose_secret().to_owned(),
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
        devices.spawn(device(number, addresses, account, events, acknowledged.clone()));
    }
    let all = DEVICES * EVENTS;
    let trouble = async {
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
        assert!(before < all, "the database crashed when there was nothing left to do");
        count.wait_for(|count| *count >= all / 2).await.unwrap();
        nodes[1].stop().await;
        nodes[1] = Node::start(&url, &addresses, 1).await;
    };
    let everything = async { tokio::join!(trouble, devices.join_all()) };
    timeout(PATIENCE, everything).await.unwrap();
    assert_eq!(*acknowledged.borrow(), all);

    let mut database = PgConnection::connect(&url).await.unwrap();
    let log = "SELECT seq, json::jsonb ->> 'id' FROM events ORDER BY seq";
    let log: Vec<(i64, String)> = sqlx::query_as(log).fetch_all(&mut database).await.unwrap();
    let seqs: Vec<i64> = log.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, (1..=all as i64).collect::<Vec<_>>(), "each event once, without a gap");
    assert_eq!(log.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>(), ids);
    let mut pages = BTreeSet::new();
    let living = addresses.lock().unwrap()[1..].to_vec();
    for address in living {
        let mut client = Client::connect(address, &account.token, &account.channel).await;
        client.join().await;
        pages.insert(client.latest(&Value::Null, 0, 1_000).await.to_string());
    }
    assert_eq!(pages.len(), 1, "all servers show the same");
}
