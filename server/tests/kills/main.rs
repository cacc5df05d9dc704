//! The server's program is killed while it acknowledges events, and started again on the same
//! database. In the end every acknowledged event must be in the log, once.
//!
//! `cargo xtask kills --count N` kills it more often than `cargo test` does.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a test reports what it did")]
#![expect(clippy::unwrap_used, reason = "a test panics on failure")]

mod acknowledged;
mod writer;

use std::collections::BTreeSet;

use tokio::task::JoinSet;
use tokio::time::Instant;
use wizitime_server::Storage;
use wizitime_server_support::server_process::{Account, PreparedDatabase, ServedDatabase};

use acknowledged::Acknowledged;

/// Accounts with one writer each.
const WRITERS: usize = 4;
/// Kills in `cargo test`.
const KILLS_DEFAULT: u64 = 10;
/// A server lives until it has acknowledged this many batches at most.
const BATCHES_PER_LIFE_MAX: u64 = 20;
/// Events that are read from the log at a time.
const PAGE_EVENTS: u32 = 10_000;

fn kills() -> u64 {
    let count = std::env::var("WIZI_KILLS").ok();
    count.map_or(KILLS_DEFAULT, |count| count.parse().unwrap())
}

#[tokio::test]
async fn acknowledged_events_survive_a_killed_server_on_sqlite() {
    run(ServedDatabase::Sqlite).await;
}

#[tokio::test]
async fn acknowledged_events_survive_a_killed_server_on_postgres() {
    run(ServedDatabase::Postgres).await;
}

async fn run(kind: ServedDatabase) {
    let started = Instant::now();
    let program = wizitime_server_support::program(env!("CARGO_BIN_EXE_wizitime-server"));
    let acknowledged = Acknowledged::default();
    let mut database = PreparedDatabase::with_users(kind, WRITERS).await;
    for kill in 0..kills() {
        let server = database.serve(&program).await;
        let mut writers = JoinSet::new();
        for account in &server.database.accounts {
            writers.spawn(writer::run(server.address, account.clone(), acknowledged.clone()));
        }
        // The next batches are on their way when the server is killed.
        tokio::select! {
            () = acknowledged.wait_for_batches(1 + kill % BATCHES_PER_LIFE_MAX) => (),
            Some(ended) = writers.join_next() => {
                ended.unwrap();
                panic!("a writer ended before the server was killed");
            }
        }
        database = server.kill().await;
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
    }
    let storage = database.open().await;
    let (mut missing, mut logged) = (acknowledged.events(), 0);
    for account in &database.accounts {
        for id in log_of(&storage, account).await {
            logged += 1;
            missing.remove(&(account.user_id, id));
        }
    }
    println!(
        "kills: {} of {kind}, {} acknowledged events, {} missing, {logged} in the logs, {} s",
        kills(),
        acknowledged.events().len(),
        missing.len(),
        started.elapsed().as_secs()
    );
    assert!(missing.is_empty(), "missing: {missing:?}");
}

/// The ids of the events in a log. Checks that the sequence numbers have no gap.
async fn log_of(storage: &Storage, account: &Account) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut since = 0;
    loop {
        let page = storage.events(account.user_id, since, PAGE_EVENTS).await.unwrap();
        let Some(last) = page.last() else { return ids };
        assert_eq!(page.len() as u64, last.seq - since, "sequence numbers have a gap");
        since = last.seq;
        for event in &page {
            let envelope = wizitime_domain::Envelope::from_json(&event.json).unwrap();
            assert!(ids.insert(envelope.id.to_string()), "an event is in the log twice");
        }
    }
}
