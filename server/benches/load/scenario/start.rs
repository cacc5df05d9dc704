//! From nothing to listening, with a database that is there.

use tokio::time::Instant;

use super::Scale;
use crate::figures::{Times, tell};
use crate::place::{Disk, Kind};

const STARTS: usize = 10;

pub(crate) async fn run(scale: &Scale) {
    let mut times = Times::default();
    let mut memory_bytes = 0;
    for _ in 0..STARTS {
        let disk = Disk::with_users(Kind::Sqlite, scale.users.min(STARTS)).await;
        let began = Instant::now();
        let place = disk.serve().await;
        times.add(began.elapsed());
        memory_bytes = place.memory_bytes();
    }
    tell("start-up to listening, median of 10", &format!("{:.0} ms", times.percentile_ms(50)));
    tell("memory without a connection", &format!("{:.1} MB", memory_bytes as f64 / 1e6));
}
