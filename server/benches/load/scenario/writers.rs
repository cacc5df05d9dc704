//! Writers that wait for the acknowledgement of each event before they send the next.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::Scale;
use crate::device::Device;
use crate::event_generator::EventGenerator;
use crate::report::{Durations, print_row};
use wizitime_server_support::server_process::ServerProcess;

pub(crate) async fn run(server: &ServerProcess, scale: &Scale) {
    let mut devices = Vec::new();
    for number in 0..scale.writers {
        let account = &server.database.accounts[number % server.database.accounts.len()];
        devices.push(Device::join(server, account, number).await);
    }
    let started = Instant::now();
    let until = started + Duration::from_secs(scale.writing_s);
    let writing = devices.into_iter().enumerate().map(|(number, device)| {
        let generator = EventGenerator::new(number as u64);
        write(device, generator, until)
    });
    let mut times = Durations::default();
    join_all(writing).await.into_iter().for_each(|it| times.extend(it));
    let rate = times.count() as f64 / started.elapsed().as_secs_f64();
    let label = format!(
        "acknowledged durable events, {} writers, {}",
        scale.writers, server.database.backend
    );
    let (median, worst) = (times.percentile_ms(50), times.percentile_ms(99));
    print_row(&label, &format!("{rate:.0}/s, p50 {median:.1} ms, p99 {worst:.1} ms"));
}

async fn write(mut device: Device, mut generator: EventGenerator, until: Instant) -> Durations {
    let mut times = Durations::default();
    while Instant::now() < until {
        let batch = generator.batch(1);
        let sent_at = Instant::now();
        device.push("BULK_EVENT", &batch).await;
        times.add(sent_at.elapsed());
    }
    times
}
