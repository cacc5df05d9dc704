//! One device of each user records something; how soon do the others hear of it?

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until};

use super::{DEVICES, Scale};
use crate::device::Device;
use crate::event::Recorder;
use crate::figures::{Times, tell};
use crate::place::Place;

/// The users take turns, so far apart.
const PACE_MS: u64 = 10;

pub(crate) async fn run(place: &Place, scale: &Scale) {
    let users = scale.fan_out_users.min(place.accounts.len());
    let mut groups = Vec::with_capacity(users);
    for (number, account) in place.accounts.iter().take(users).enumerate() {
        let mut group = Vec::with_capacity(DEVICES);
        for device in 0..DEVICES {
            group.push(Device::join(place, account, number * DEVICES + device).await);
        }
        groups.push(group);
    }
    let began = Instant::now();
    let turns = groups.into_iter().enumerate().map(|(number, group)| {
        let at = began + Duration::from_millis(number as u64 * PACE_MS);
        take_turn(group, Recorder::new(number as u64), at)
    });
    let mut times = Times::default();
    join_all(turns).await.into_iter().for_each(|it| times.extend(it));
    let what = format!("from a push to the other devices, {users} users with {DEVICES} each");
    let (median, worst) = (times.percentile_ms(50), times.percentile_ms(99));
    tell(&what, &format!("p50 {median:.1} ms, p99 {worst:.1} ms"));
}

async fn take_turn(mut group: Vec<Device>, mut recorder: Recorder, at: Instant) -> Times {
    sleep_until(at).await;
    let mut writer = group.remove(0);
    let batch = recorder.batch(1);
    let sent_at = Instant::now();
    let hearing = join_all(group.iter_mut().map(async |device| {
        device.news().await;
        sent_at.elapsed()
    }));
    let (_, heard) = tokio::join!(writer.call("BULK_EVENT", &batch), hearing);
    let mut times = Times::default();
    heard.into_iter().for_each(|time| times.add(time));
    times
}
