//! What the server carries on this machine: the program itself, over loopback, with its database
//! on disk: SQLite, or a PostgreSQL that is made for it.
//!
//! `cargo xtask bench server` builds the program and runs this. Every figure is of one run; client
//! and server share the machine, so the figures are what both together achieve.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends at what cannot be")]

#[path = "../../tests/postgres/cluster.rs"]
#[expect(dead_code, reason = "the tests also stop and crash it")]
mod cluster;
mod device;
mod event;
mod figures;
mod place;
mod scenario;

use place::Place;

fn main() {
    // Cargo passes `--bench`; `cargo test` runs benchmarks too, to see that they still work.
    let is_measuring = std::env::args().any(|argument| argument == "--bench");
    let scale = if is_measuring { scenario::FULL } else { scenario::TINY };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        scenario::start::run(&scale).await;
        for (kind, scenario) in scenario::ALL {
            let place = Place::with_users(kind, scale.users_of(kind)).await;
            scenario(&place, &scale).await;
        }
    });
}
