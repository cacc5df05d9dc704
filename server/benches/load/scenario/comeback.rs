//! Everybody was away, has recorded a lot, and comes back at the same moment.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::{DEVICES, Scale};
use crate::device::Device;
use crate::event::Recorder;
use crate::figures::tell;
use crate::place::{Account, Place};

/// Connections that are being opened at the same time: those that a listener's queue takes.
const OPENING_MAX: usize = 500;
/// A client that is put off again and again waits longer, up to so many times twice as long.
const BACKOFF_DOUBLINGS_MAX: u32 = 4;

pub(crate) async fn run(place: &Place, scale: &Scale) {
    let clients = scale.comeback_clients.min(place.accounts.len() * DEVICES);
    let events = scale.comeback_events;
    let buffered: Vec<Value> =
        (0..clients).map(|number| Recorder::new(number as u64).batch(events)).collect();
    let opening = Semaphore::new(OPENING_MAX);
    let began = Instant::now();
    let coming = buffered.iter().enumerate().map(|(number, batch)| {
        let account = &place.accounts[number / DEVICES];
        let of_user = DEVICES.min(clients - number / DEVICES * DEVICES);
        let all = (of_user * events) as u64;
        let opening = &opening;
        async move { come_back(place, account, number, batch, all, opening).await }
    });
    join_all(coming).await;
    let seconds = began.elapsed().as_secs_f64();
    let what = format!("{clients} clients with {events} events each come back and converge");
    let rate = (clients * events) as f64 / seconds;
    tell(&what, &format!("{seconds:.1} s, {rate:.0} events/s"));
}

/// Sends what was recorded, and is done when it knows of all that its user's devices have.
async fn come_back(
    place: &Place,
    account: &Account,
    number: usize,
    batch: &Value,
    all: u64,
    opening: &Semaphore,
) {
    let permit = opening.acquire().await.unwrap();
    let mut device = Device::join(place, account, number).await;
    drop(permit);
    device.catch_up().await;
    let mut tries = 0;
    while let Err(later) = device.try_call("BULK_EVENT", batch).await {
        // As the client does: ever later, and not all at once.
        tries += 1;
        let after_ms = later.after_ms << u32::min(tries, BACKOFF_DOUBLINGS_MAX);
        sleep(Duration::from_millis(after_ms + number as u64 % after_ms)).await;
    }
    device.catch_up().await;
    while device.cursor < all {
        device.news().await;
        device.catch_up().await;
    }
}
