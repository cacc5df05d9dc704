//! Load benchmark of the server program over loopback, with its database on disk: SQLite, or a
//! temporary PostgreSQL.
//!
//! `cargo xtask bench server` builds the program and runs this. Every value is of one run; clients
//! and server share the machine, so the values are what both achieve together.
#![expect(clippy::print_stdout, reason = "the results are printed")]
#![expect(clippy::unwrap_used, reason = "a failed step ends the benchmark")]

mod device;
mod event_generator;
mod report;
mod scenario;

use std::path::PathBuf;

use wizitime_server_support::server_process::PreparedDatabase;

fn main() {
    // `cargo bench` passes `--bench`; `cargo test` runs the benchmark on a small scale.
    let is_measuring = std::env::args().any(|argument| argument == "--bench");
    let scale = if is_measuring { scenario::FULL } else { scenario::SMOKE_TEST };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let only = std::env::var("WIZI_SCENARIO").ok();
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    runtime.block_on(async {
        if is_wanted("start") {
            scenario::start::run(&scale).await;
        }
        for (name, backend, scenario) in scenario::ALL {
            if !is_wanted(name) {
                continue;
            }
            let database = PreparedDatabase::with_users(backend, scale.users_of(backend)).await;
            let server = database.serve(&program()).await;
            scenario(&server, &scale).await;
        }
    });
}

/// The server to be measured.
pub(crate) fn program() -> PathBuf {
    wizitime_server_support::program(env!("CARGO_BIN_EXE_wizitime-server"))
}
