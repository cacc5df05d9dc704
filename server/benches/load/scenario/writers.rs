//! Writers who each wait for the acknowledgement of one event before they send the next.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::Scale;
use crate::device::Device;
use crate::event::Recorder;
use crate::figures::{Times, tell};
use crate::place::Place;

pub(crate) async fn run(place: &Place, scale: &Scale) {
    let mut devices = Vec::new();
    for number in 0..scale.writers {
        let account = &place.accounts[number % place.accounts.len()];
        devices.push(Device::join(place, account, number).await);
    }
    let began = Instant::now();
    let until = began + Duration::from_secs(scale.writing_s);
    let writing = devices.into_iter().enumerate().map(|(number, device)| {
        let recorder = Recorder::new(number as u64);
        write(device, recorder, until)
    });
    let mut times = Times::default();
    join_all(writing).await.into_iter().for_each(|it| times.extend(it));
    let rate = times.count() as f64 / began.elapsed().as_secs_f64();
    let what = format!("acknowledged durable events, {} writers, {}", scale.writers, place.kind);
    let (median, worst) = (times.percentile_ms(50), times.percentile_ms(99));
    tell(&what, &format!("{rate:.0}/s, p50 {median:.1} ms, p99 {worst:.1} ms"));
}

async fn write(mut device: Device, mut recorder: Recorder, until: Instant) -> Times {
    let mut times = Times::default();
    while Instant::now() < until {
        let batch = recorder.batch(1);
        let sent_at = Instant::now();
        device.call("BULK_EVENT", &batch).await;
        times.add(sent_at.elapsed());
    }
    times
}
