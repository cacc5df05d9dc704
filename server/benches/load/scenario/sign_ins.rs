//! Memory of password hashing, and the time of a sign-in while others guess passwords.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;
use tokio::time::Instant;
use wizitime_server_support::{PASSWORD, credentials, request};

use super::Scale;
use crate::report::{Durations, print_row};
use wizitime_server_support::server_process::ServerProcess;

const OWNER: &str = "owner@example.org";
const OWNER_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

pub(crate) async fn run(server: &ServerProcess, scale: &Scale) {
    let owner = Client { server: server.address, address: OWNER_ADDRESS };
    assert_eq!(owner.post("/api/sign_up", OWNER, PASSWORD).await, 201);
    for _ in 0..scale.sign_ins {
        assert_eq!(owner.post("/api/sign_in", OWNER, PASSWORD).await, 200);
    }
    let label = format!("memory after {} sign-ins", scale.sign_ins);
    print_memory(&label, server.memory_bytes(), 60);

    attack(&owner, scale).await;

    let mut clients = JoinSet::new();
    for number in 0..scale.concurrent_sign_ins {
        let client = Client { server: server.address, address: address(203, number) };
        clients.spawn(async move { client.post("/api/sign_in", OWNER, PASSWORD).await });
    }
    while let Some(status) = clients.join_next().await {
        assert_eq!(status.unwrap(), 200);
    }
    let label = format!("highest memory, {} sign-ins at a time", scale.concurrent_sign_ins);
    print_memory(&label, server.peak_memory_bytes(), 120);
}

/// The owner signs in while clients with other addresses guess passwords of invented accounts.
async fn attack(owner: &Client, scale: &Scale) {
    let guessing_clients = scale.concurrent_sign_ins;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut attackers = JoinSet::new();
    for number in 0..guessing_clients {
        let client = Client { address: address(198, number), ..*owner };
        let is_over = Arc::clone(&is_over);
        attackers.spawn(async move {
            let mut guess = 0;
            while !is_over.load(Ordering::Relaxed) {
                let email = format!("{number}-{guess}@example.org");
                client.post("/api/sign_in", &email, "guess guess").await;
                guess += 1;
            }
        });
    }
    let mut times = Durations::default();
    for _ in 0..scale.attacked_sign_ins {
        let started = Instant::now();
        assert_eq!(owner.post("/api/sign_in", OWNER, PASSWORD).await, 200);
        times.add(started.elapsed());
    }
    is_over.store(true, Ordering::Relaxed);
    attackers.join_all().await;
    let label = format!("sign-in while {guessing_clients} clients guess passwords, slowest");
    print_row(&label, &format!("{:.0} ms (bound 2000 ms)", times.percentile_ms(100)));
}

fn print_memory(label: &str, bytes: u64, bound_mb: u64) {
    print_row(label, &format!("{:.1} MB (bound {bound_mb} MB)", bytes as f64 / 1e6));
}

/// The address of a client.
fn address(first: u8, number: usize) -> Ipv4Addr {
    Ipv4Addr::new(first, 0, 2, u8::try_from(number % 256).unwrap())
}

/// A client behind the proxy that the server trusts.
#[derive(Clone, Copy)]
struct Client {
    server: SocketAddr,
    address: Ipv4Addr,
}

impl Client {
    /// The status of the response.
    async fn post(&self, path: &str, email: &str, password: &str) -> u16 {
        let forwarded_for = self.address.to_string();
        let headers = [("content-type", "application/json"), ("x-forwarded-for", &*forwarded_for)];
        let body = credentials(email, password).to_string();
        request(self.server, "POST", path, &headers, body.as_bytes()).await.status
    }
}
