//! All clients were offline, have buffered events, and reconnect at the same time.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::{DEVICES, Scale};
use crate::device::Device;
use crate::event_generator::EventGenerator;
use crate::report::print_row;
use wizitime_server_support::server_process::{Account, ServerProcess};

/// Connections that are opened at the same time; the listen backlog is limited.
const OPENING_MAX: usize = 500;
/// How often a client doubles its wait after an `unavailable` reply.
const BACKOFF_DOUBLINGS_MAX: u32 = 4;

pub(crate) async fn run(server: &ServerProcess, scale: &Scale) {
    let clients = scale.reconnect_clients.min(server.database.accounts.len() * DEVICES);
    let events = scale.reconnect_events;
    let buffered: Vec<Value> =
        (0..clients).map(|number| EventGenerator::new(number as u64).batch(events)).collect();
    let opening = Semaphore::new(OPENING_MAX);
    let started = Instant::now();
    let reconnecting = buffered.iter().enumerate().map(|(number, batch)| {
        let account = &server.database.accounts[number / DEVICES];
        let of_user = DEVICES.min(clients - number / DEVICES * DEVICES);
        let all = (of_user * events) as u64;
        let opening = &opening;
        async move { reconnect(server, account, number, batch, all, opening).await }
    });
    join_all(reconnecting).await;
    let seconds = started.elapsed().as_secs_f64();
    let label = format!("{clients} clients with {events} events each reconnect and converge");
    let rate = (clients * events) as f64 / seconds;
    print_row(&label, &format!("{seconds:.1} s, {rate:.0} events/s"));
}

/// Sends the buffered events and waits for the events of all devices of the user.
async fn reconnect(
    server: &ServerProcess,
    account: &Account,
    number: usize,
    batch: &Value,
    all: u64,
    opening: &Semaphore,
) {
    let permit = opening.acquire().await.unwrap();
    let mut device = Device::join(server, account, number).await;
    drop(permit);
    device.catch_up().await;
    let mut tries = 0;
    while let Err(later) = device.try_push("BULK_EVENT", batch).await {
        // Exponential backoff with jitter, like the client.
        tries += 1;
        let after_ms = later.after_ms << u32::min(tries, BACKOFF_DOUBLINGS_MAX);
        sleep(Duration::from_millis(after_ms + number as u64 % after_ms)).await;
    }
    device.catch_up().await;
    while device.cursor < all {
        device.next_broadcast().await;
        device.catch_up().await;
    }
}
