//! Every message and every endpoint on a database that is locked, gone or full, or whose code
//! panics: one answer, in time; nothing half written; a line in the log; the next time it works.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;
use wizitime_domain::Timestamp;
use wizitime_hub::{Job, JobResult};
use wizitime_server::{Endpoint, Jobs, Storage, StorageError};

use crate::client::Client;
use crate::conformance::CLIENT_PATIENCE;
use crate::events::{DEVICE_ID, id, start};
use crate::heard;
use crate::home::{self, Home};
use crate::http::{Answer, request};
use crate::world::{Account, PASSWORD, World, credentials};

/// What a client asks of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    Join,
    Bulk,
    Latest,
}

/// What is wrong with the database.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Locked,
    Gone,
    Full,
}

/// What has to be done to make it well again.
enum Cure {
    Unlock(home::Lock),
    BringBack(&'static str),
    Empty,
}

impl Trouble {
    const ALL: [Self; 3] = [Self::Locked, Self::Gone, Self::Full];

    /// `table` is what goes, `change` what finds no room.
    async fn begin(self, home: &Home, table: &'static str, change: &str) -> Cure {
        match self {
            Self::Locked => Cure::Unlock(home::lock_tables(home).await),
            Self::Gone => {
                let away = format!("ALTER TABLE {table} RENAME TO away");
                home::change_by_hand(home, &away).await;
                Cure::BringBack(table)
            }
            Self::Full => {
                home::fill(home, change).await;
                Cure::Empty
            }
        }
    }
}

impl Cure {
    async fn apply(self, home: &Home) {
        match self {
            Self::Unlock(lock) => lock.release().await,
            Self::BringBack(table) => {
                let back = format!("ALTER TABLE away RENAME TO {table}");
                home::change_by_hand(home, &back).await;
            }
            Self::Empty => home::empty(home).await,
        }
    }
}

/// Sends a message and returns what it was answered: once, and nothing else was said.
async fn once(client: &mut Client, message: Message) -> (String, Value) {
    let reference = match message {
        Message::Join => {
            let params = json!({"device_id": DEVICE_ID, "client_version": "1"});
            client.begin_join(&params).await
        }
        Message::Bulk => client.push("BULK_EVENT", &json!({"events": [start(&id(), 1_000)]})).await,
        Message::Latest => {
            let request = json!({"epoch": null, "since": 0, "limit": 1});
            client.push("GET_LATEST_TIME_ENTRIES", &request).await
        }
    };
    let answer = timeout(CLIENT_PATIENCE, client.reply(&reference)).await.unwrap();
    // Answers come in the order of the questions: another one would come before this.
    client.send_text(r#"[null,"last","phoenix","heartbeat",{}]"#).await;
    client.reply("last").await;
    while let Some(frame) = client.take_early() {
        assert_ne!(frame[1], json!(reference), "a second answer: {frame}");
        assert_ne!(frame[3], "NEED_TO_UPDATE_TIME_ENTRIES", "nothing was written: {frame}");
    }
    answer
}

/// What a message is answered while there is trouble.
const fn is_hit(trouble: Trouble, message: Message) -> bool {
    match (trouble, message) {
        (Trouble::Gone, _) | (Trouble::Locked | Trouble::Full, Message::Bulk) => true,
        // Who only reads needs neither the lock nor room.
        (Trouble::Locked | Trouble::Full, Message::Join | Message::Latest) => false,
    }
}

#[tokio::test]
async fn every_message_is_answered_once_in_every_trouble() {
    heard::listen();
    let world = World::new().await;
    let account = world.sign_up("ada@example.org").await;
    let user_id = account.channel.strip_prefix("users:").unwrap();
    let mut cursor = 0;
    for trouble in Trouble::ALL {
        for message in [Message::Join, Message::Bulk, Message::Latest] {
            let mut client = world.join(&account).await;
            let before = client.latest(&Value::Null, 0, 100).await;
            let noted = heard::lines(&[user_id, "job failed"]).len();
            let cure = trouble.begin(&world.folder, "events", "INSERT ON events").await;
            let (status, response) = once(&mut client, message).await;
            cure.apply(&world.folder).await;
            let told = format!("{trouble:?} {message:?}: {status} {response}");
            let is_hit = is_hit(trouble, message);
            assert_eq!(status, if is_hit { "error" } else { "ok" }, "{told}");
            if is_hit {
                assert_eq!(response["reason"], "unavailable", "{told}");
            }
            let notes = heard::lines(&[user_id, "job failed"]).len() - noted;
            assert_eq!(notes, usize::from(is_hit), "{told}");
            client.join().await;
            assert_eq!(client.latest(&Value::Null, 0, 100).await, before, "{told}");
            cursor += 1;
            assert_eq!(client.bulk(&[start(&id(), 1_000)]).await["cursor"], cursor, "{told}");
        }
    }
}

async fn work(storage: &Storage, user_id: wizitime_domain::UserId, job: Job) -> JobOutcome {
    match job {
        Job::Head => storage.head(user_id).await.map(JobResult::Head),
        Job::Latest(request) => storage.changes_page(user_id, &request).await.map(JobResult::Latest),
        Job::Append(batch) => {
            storage.append(user_id, batch, Timestamp::MIN).await.map(JobResult::Appended)
        }
    }
}

type JobOutcome = Result<JobResult, StorageError>;

#[tokio::test]
async fn every_message_is_answered_once_when_its_code_panics() {
    heard::listen();
    let (panics, told) = tokio::sync::watch::channel(false);
    let world = World::with(|app| {
        let storage = app.storage().clone();
        let jobs = Jobs::new(move |user_id, job| {
            let (storage, panics) = (storage.clone(), *told.borrow());
            async move {
                assert!(!panics, "the story wants it");
                work(&storage, user_id, job).await
            }
        });
        app.with_jobs(jobs)
    })
    .await;
    let account = world.sign_up("ada@example.org").await;
    let user_id = account.channel.strip_prefix("users:").unwrap();
    for (number, message) in [Message::Join, Message::Bulk, Message::Latest].into_iter().enumerate()
    {
        let mut client = world.join(&account).await;
        panics.send_replace(true);
        let (status, response) = once(&mut client, message).await;
        panics.send_replace(false);
        let reason = if message == Message::Join { "unavailable" } else { "internal" };
        assert_eq!((&*status, &response["reason"]), ("error", &json!(reason)), "{message:?}");
        let notes = heard::lines(&[user_id, "job panicked"]);
        assert_eq!(notes.len(), number + 1, "{message:?}");
        client.join().await;
        let bulk = client.bulk(&[start(&id(), 1_000)]).await;
        assert_eq!(bulk["cursor"], number + 1, "{message:?}");
    }
}

/// A request that is right, of somebody who is signed in.
async fn ask(world: &World, endpoint: Endpoint, account: &Account) -> Answer {
    let body = match endpoint {
        Endpoint::SignUp => credentials("new@example.org", PASSWORD),
        Endpoint::SignIn => credentials(&account.email, PASSWORD),
        Endpoint::Password => json!({"password": PASSWORD, "new_password": PASSWORD}),
        Endpoint::DeleteAccount => json!({"password": PASSWORD}),
        Endpoint::SignOut
        | Endpoint::Session
        | Endpoint::SocketToken
        | Endpoint::Devices
        | Endpoint::Export => json!({}),
    };
    let bearer = format!("Bearer {}", account.token);
    let path = format!("/api{}", endpoint.path());
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    let body = body.to_string();
    let asking = request(world.address, endpoint.method(), &path, &headers, body.as_bytes());
    timeout(CLIENT_PATIENCE, asking).await.unwrap()
}

/// Whether it only reads.
const fn reads(endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::Session | Endpoint::Devices | Endpoint::Export => true,
        Endpoint::SignUp
        | Endpoint::SignIn
        | Endpoint::SignOut
        | Endpoint::SocketToken
        | Endpoint::Password
        | Endpoint::DeleteAccount => false,
    }
}

fn is_unavailable(answer: &Answer, endpoint: Endpoint) {
    assert_eq!((answer.status, &*answer.error()), (503, "unavailable"), "{endpoint:?}");
    assert!(answer.header("retry-after").is_some(), "{endpoint:?}");
}

/// Somebody with two sessions and an event, of whom nothing is to change.
async fn somebody(world: &World) -> (Account, Account) {
    let first = world.sign_up("ada@example.org").await;
    let second = world.sign_in("ada@example.org").await;
    world.join(&first).await.bulk(&[start(&id(), 1_000)]).await;
    (first, second)
}

/// Both sessions are as they were, with all that is in the account, and nobody else is there.
async fn nothing_happened(world: &World, of: &(Account, Account), context: &str) {
    for account in [&of.0, &of.1] {
        let answer = ask(world, Endpoint::Export, account).await;
        let text = String::from_utf8(answer.body).unwrap();
        let count = |kind: &str| text.lines().filter(|line| line.contains(kind)).count();
        let found = [count("{\"account\":"), count("{\"device\":"), count("{\"event\":")];
        assert_eq!((answer.status, found), (200, [1, 2, 1]), "{context}");
    }
    let nobody = credentials("new@example.org", PASSWORD);
    let answer = world.post("/api/sign_in", None, &nobody).await;
    assert_eq!(answer.status, 401, "{context}");
}

#[tokio::test]
async fn every_endpoint_answers_in_time_while_the_database_is_locked() {
    heard::listen();
    let world = World::new().await;
    let people = somebody(&world).await;
    let lock = home::lock_tables(&world.folder).await;
    let asked = Endpoint::ALL.map(|endpoint| ask(&world, endpoint, &people.0));
    let answers = join_all(asked).await;
    lock.release().await;
    for (answer, endpoint) in answers.iter().zip(Endpoint::ALL) {
        if reads(endpoint) || (endpoint == Endpoint::SocketToken && home::SOCKETS_IN_MEMORY) {
            assert_eq!(answer.status, 200, "{endpoint:?}: {answer:?}");
        } else {
            is_unavailable(answer, endpoint);
        }
    }
    nothing_happened(&world, &people, "locked").await;
}

#[tokio::test]
async fn every_endpoint_answers_while_the_database_is_gone() {
    heard::listen();
    let world = World::new().await;
    let people = somebody(&world).await;
    let cure = Trouble::Gone.begin(&world.folder, "tokens", "").await;
    for endpoint in Endpoint::ALL {
        is_unavailable(&ask(&world, endpoint, &people.0).await, endpoint);
    }
    cure.apply(&world.folder).await;
    assert!(!heard::lines(&["request failed", "WARN"]).is_empty());
    nothing_happened(&world, &people, "gone").await;
}

#[tokio::test]
async fn every_endpoint_leaves_all_as_it_was_when_the_disk_is_full() {
    heard::listen();
    let world = World::new().await;
    let people = somebody(&world).await;
    for endpoint in Endpoint::ALL {
        // The last of what it writes, so that there is something to undo.
        let change = match endpoint {
            Endpoint::SignUp | Endpoint::SignIn => "INSERT ON tokens",
            Endpoint::SignOut | Endpoint::Password => "DELETE ON tokens",
            Endpoint::DeleteAccount => "DELETE ON users",
            Endpoint::SocketToken if home::SOCKETS_IN_MEMORY => continue,
            Endpoint::SocketToken => "INSERT ON socket_tokens",
            Endpoint::Session | Endpoint::Devices | Endpoint::Export => continue,
        };
        let cure = Trouble::Full.begin(&world.folder, "", change).await;
        is_unavailable(&ask(&world, endpoint, &people.0).await, endpoint);
        cure.apply(&world.folder).await;
        nothing_happened(&world, &people, change).await;
    }
    assert!(!heard::lines(&["request failed", "disk is full"]).is_empty());
    for endpoint in [Endpoint::SignUp, Endpoint::SignIn, Endpoint::Password] {
        assert!(ask(&world, endpoint, &people.0).await.status < 300, "{endpoint:?}");
    }
    assert_eq!(ask(&world, Endpoint::DeleteAccount, &people.0).await.status, 204);
}

#[tokio::test]
async fn an_export_that_breaks_off_does_not_look_whole() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    heard::listen();
    let world = World::new().await;
    let (account, _) = somebody(&world).await;
    let user_id = account.channel.strip_prefix("users:").unwrap();
    let cure = Trouble::Gone.begin(&world.folder, "events", "").await;
    is_unavailable(&ask(&world, Endpoint::Export, &account).await, Endpoint::Export);
    cure.apply(&world.folder).await;
    // This is missed only when much is told already.
    let away = "ALTER TABLE events RENAME COLUMN json TO away";
    home::change_by_hand(&world.folder, away).await;
    let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "GET /api/export HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         authorization: Bearer {}\r\n\r\n",
        account.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // It may end in a reset.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(!answer.ends_with("0\r\n\r\n"), "the end of a whole answer: {answer}");
    assert_eq!(heard::lines(&[user_id, "export aborted"]).len(), 1);
}
