//! Many who are connected and do nothing.

use tokio::task::JoinSet;

use super::Scale;
use crate::device::Device;
use crate::figures::tell;
use crate::place::Place;

pub(crate) async fn run(place: &Place, scale: &Scale) {
    // The first connections make the server allocate what it needs once.
    let warm = Device::join(place, &place.accounts[0], 0).await;
    let before = place.memory_bytes();
    let mut devices = JoinSet::new();
    for number in 0..scale.idle_sockets {
        let account = &place.accounts[number % place.accounts.len()];
        devices.spawn(Device::join(place, account, number).await.idle());
    }
    let after = place.memory_bytes();
    drop(warm);
    let each = after.saturating_sub(before) as f64 / scale.idle_sockets as f64;
    let what = format!("memory per idle joined channel, of {}", scale.idle_sockets);
    tell(&what, &format!("{:.1} kB (bound 12 kB)", each / 1e3));
}
