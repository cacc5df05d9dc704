//! Start-up time on an existing database.

use tokio::time::Instant;

use super::Scale;
use crate::report::{Durations, print_row};
use wizitime_server_support::server_process::{PreparedDatabase, ServedDatabase};

const STARTS: usize = 10;

pub(crate) async fn run(scale: &Scale) {
    let mut times = Durations::default();
    let mut memory_bytes = 0;
    for _ in 0..STARTS {
        let database =
            PreparedDatabase::with_users(ServedDatabase::Sqlite, scale.users.min(STARTS)).await;
        let started = Instant::now();
        let server = database.serve(&crate::program()).await;
        times.add(started.elapsed());
        memory_bytes = server.memory_bytes();
    }
    print_row("start-up to listening, median of 10", &format!("{:.0} ms", times.percentile_ms(50)));
    print_row("memory without a connection", &format!("{:.1} MB", memory_bytes as f64 / 1e6));
}
