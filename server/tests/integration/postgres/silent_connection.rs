//! Connections to PostgreSQL that go silent, as behind a firewall that dropped their state.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::JobError;
use wizitime_server::Storage;

use wizitime_server_support::TestDatabase;
use wizitime_server_support::database::PostgresDatabase;
use wizitime_server_support::storage::{CLIENT_TIMEOUT, EPOCH, create_user, unique_batch};

/// More callers than a server has connections.
const CALLERS: usize = 12;
/// The connections of a server.
const CONNECTIONS: i64 = 10;

/// A proxy of the port. While the value is true, existing connections stay open but are silent.
async fn start_proxy(port: u16) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let (silence, silenced) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut silenced = silenced.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let silence = async { silenced.wait_for(|silenced| *silenced).await.is_ok() };
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
    (own, silence)
}

async fn append_is_unavailable(storage: Storage, user_id: UserId) {
    let write = storage.append(user_id, unique_batch(1), Timestamp::MIN);
    let error = timeout(CLIENT_TIMEOUT, write).await.unwrap().unwrap_err();
    assert_eq!(error.job_error(), JobError::Unavailable, "{error}");
}

#[tokio::test]
async fn silent_connections_time_out_and_are_replaced() {
    let database = PostgresDatabase::create().await;
    let (before, after) = database.url.rsplit_once(':').unwrap();
    let (port, name) = after.split_once('/').unwrap();
    let (port, silence) = start_proxy(port.parse().unwrap()).await;
    let proxied = format!("{before}:{port}/{name}").parse().unwrap();
    let storage = Storage::open(&proxied, EPOCH).await.unwrap();
    let user_id = create_user(&storage).await;
    let call = |callers: &mut JoinSet<()>| {
        for _ in 0..CALLERS {
            callers.spawn(append_is_unavailable(storage.clone(), user_id));
        }
    };
    // All connections are open and in use when they go silent.
    let mut readers = JoinSet::new();
    for _ in 0..CALLERS {
        let storage = storage.clone();
        readers.spawn(async move {
            // Opening a connection is slow on a busy machine.
            while storage.head(user_id).await.is_err() {}
        });
    }
    readers.join_all().await;
    let lock = TestDatabase::from(database.clone()).lock_accounts().await;
    let mut callers = JoinSet::new();
    call(&mut callers);
    let mut connection = database.connection().await;
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let all_wait = async {
        let count = || sqlx::query_scalar::<_, i64>(waiting);
        while count().fetch_one(&mut connection).await.unwrap() < CONNECTIONS {}
    };
    timeout(CLIENT_TIMEOUT, all_wait).await.unwrap();
    silence.send(true).unwrap();
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    lock.release().await;
    silence.send(false).unwrap();
    let read = timeout(CLIENT_TIMEOUT, storage.head(user_id)).await;
    assert_eq!(read.unwrap().unwrap().cursor, 0);
}
