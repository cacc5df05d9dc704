//! A link to PostgreSQL that goes silent without a word, as behind a firewall that forgot it.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::JobError;
use wizitime_server::Storage;

use crate::conformance::{CLIENT_PATIENCE, EPOCH, of_its_own, user};
use crate::home;

/// More than a server has connections.
const CALLERS: usize = 12;
/// As many as a server has.
const CONNECTIONS: i64 = 10;

/// Stands before the port; while the value is true, what has been connected stays and is silent.
async fn proxy(port: u16) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (mute, muted) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut muted = muted.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let silence = async { muted.wait_for(|muted| *muted).await.is_ok() };
                let is_silent = tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => false,
                    is_silent = silence => is_silent,
                };
                if is_silent {
                    std::future::pending().await
                }
            });
        }
    });
    (own, mute)
}

async fn unavailable(storage: Storage, user_id: UserId) {
    let write = storage.append(user_id, of_its_own(1), Timestamp::MIN);
    let error = timeout(CLIENT_PATIENCE, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
}

#[tokio::test]
async fn a_link_that_goes_silent_is_given_up_in_time_and_replaced() {
    let home = home::new().await;
    let (before, after) = home.url.rsplit_once(':').unwrap();
    let (port, name) = after.split_once('/').unwrap();
    let (port, mute) = proxy(port.parse().unwrap()).await;
    let database = format!("{before}:{port}/{name}").parse().unwrap();
    let storage = Storage::open(&database, EPOCH).await.unwrap();
    let user_id = user(&storage).await;
    let call = |callers: &mut JoinSet<()>| {
        for _ in 0..CALLERS {
            callers.spawn(unavailable(storage.clone(), user_id));
        }
    };
    // All connections are open and at work when the link goes silent.
    let mut readers = JoinSet::new();
    for _ in 0..CALLERS {
        let storage = storage.clone();
        readers.spawn(async move { storage.head(user_id).await.unwrap() });
    }
    readers.join_all().await;
    let lock = home::lock(&home).await;
    let mut callers = JoinSet::new();
    call(&mut callers);
    let mut connection = home.hands_on().await;
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let all_wait = async {
        let count = || sqlx::query_scalar::<_, i64>(waiting);
        while count().fetch_one(&mut connection).await.unwrap() < CONNECTIONS {}
    };
    timeout(CLIENT_PATIENCE, all_wait).await.unwrap();
    mute.send(true).unwrap();
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    lock.release().await;
    mute.send(false).unwrap();
    let read = timeout(CLIENT_PATIENCE, storage.head(user_id)).await;
    assert_eq!(read.unwrap().unwrap().cursor, 0);
}
