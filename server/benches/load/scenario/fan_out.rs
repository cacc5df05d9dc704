//! Latency from a push of one device to the broadcast at the user's other devices.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until};

use super::{DEVICES, Scale};
use crate::device::Device;
use crate::event_generator::EventGenerator;
use crate::report::{Durations, print_row};
use wizitime_server_support::server_process::ServerProcess;

/// The interval between the pushes of two users.
const INTERVAL_MS: u64 = 10;

pub(crate) async fn run(server: &ServerProcess, scale: &Scale) {
    let users = scale.fan_out_users.min(server.database.accounts.len());
    let mut groups = Vec::with_capacity(users);
    for (number, account) in server.database.accounts.iter().take(users).enumerate() {
        let mut group = Vec::with_capacity(DEVICES);
        for device in 0..DEVICES {
            group.push(Device::join(server, account, number * DEVICES + device).await);
        }
        groups.push(group);
    }
    let started = Instant::now();
    let pushes = groups.into_iter().enumerate().map(|(number, group)| {
        let at = started + Duration::from_millis(number as u64 * INTERVAL_MS);
        push_and_wait(group, EventGenerator::new(number as u64), at)
    });
    let mut times = Durations::default();
    join_all(pushes).await.into_iter().for_each(|it| times.extend(it));
    let label = format!("from a push to the other devices, {users} users with {DEVICES} each");
    let (median, worst) = (times.percentile_ms(50), times.percentile_ms(99));
    print_row(&label, &format!("p50 {median:.1} ms, p99 {worst:.1} ms"));
}

async fn push_and_wait(
    mut group: Vec<Device>,
    mut generator: EventGenerator,
    at: Instant,
) -> Durations {
    sleep_until(at).await;
    let mut writer = group.remove(0);
    let batch = generator.batch(1);
    let sent_at = Instant::now();
    let receiving = join_all(group.iter_mut().map(async |device| {
        device.next_broadcast().await;
        sent_at.elapsed()
    }));
    let (_, received) = tokio::join!(writer.push("BULK_EVENT", &batch), receiving);
    let mut times = Durations::default();
    received.into_iter().for_each(|time| times.add(time));
    times
}
