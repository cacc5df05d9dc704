//! Memory of idle connections.

use tokio::task::JoinSet;

use super::Scale;
use crate::device::Device;
use crate::report::print_row;
use wizitime_server_support::server_process::ServerProcess;

pub(crate) async fn run(server: &ServerProcess, scale: &Scale) {
    // The first connection makes the server allocate shared memory.
    let first = Device::join(server, &server.database.accounts[0], 0).await;
    let before = server.memory_bytes();
    let mut devices = JoinSet::new();
    for number in 0..scale.idle_sockets {
        let account = &server.database.accounts[number % server.database.accounts.len()];
        devices.spawn(Device::join(server, account, number).await.idle());
    }
    let after = server.memory_bytes();
    drop(first);
    let each = after.saturating_sub(before) as f64 / scale.idle_sockets as f64;
    let label = format!("memory per idle joined channel, of {}", scale.idle_sockets);
    print_row(&label, &format!("{:.1} kB (bound 12 kB)", each / 1e3));
}
