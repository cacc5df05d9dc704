//! The real system under faults: the server's program with its database file, client cores over
//! real sockets, real clocks. The server is killed, connections are cut, stalled and muted, tabs
//! are killed and opened again.
//!
//! When the faults end all tabs must become quiet, and the invariants are checked against the log
//! in the database. All chance comes from one seed, which is printed; but the clock is the
//! machine's, so the same seed gives the same plan and not the same run.
//!
//! `cargo xtask chaos --minutes M --seed S` runs it for longer than `cargo test` does.
#![expect(clippy::print_stdout, reason = "a test reports what it did")]
#![expect(clippy::unwrap_used, reason = "a test panics on failure")]

mod chaos;
mod checks;
mod clock;
mod counts;
mod database;
mod faults;
mod http;
mod link;
mod proxy;
mod server;

use tokio::task::LocalSet;

const SEED_DEFAULT: u64 = 1;
/// How long faults occur by default, in milliseconds.
const FAULTS_MS_DEFAULT: u64 = 10_000;
const MINUTE_MS: u64 = 60_000;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}

#[tokio::test]
async fn events_survive_killed_servers_and_cut_connections() {
    let seed = number("WIZI_SEED").unwrap_or(SEED_DEFAULT);
    let minutes = number("WIZI_MINUTES");
    let faults_ms = minutes.map_or(FAULTS_MS_DEFAULT, |minutes| minutes * MINUTE_MS);
    println!("the seed is {seed}");
    let program = wizitime_server_support::program(env!("CARGO_BIN_EXE_wizitime-server"));
    // The clients stay on one thread, as in a browser.
    let run = chaos::run(seed, faults_ms, program);
    let (counts, mut violations) = LocalSet::new().run_until(run).await;
    if counts.events == 0 {
        violations.push("nothing was recorded".to_owned());
    }
    for violation in &violations {
        println!("seed {seed}: {violation}");
    }
    let (minutes, failed) = (faults_ms as f64 / MINUTE_MS as f64, violations.len());
    println!("chaos: {minutes:.1} minutes, {counts}, {failed} violations");
    assert!(violations.is_empty(), "seed {seed}: {}", violations.join("; "));
}
