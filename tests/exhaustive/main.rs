//! Every world of a small scope.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "a test tells, and ends at what cannot be")]

mod action;
mod begin;
mod disk;
mod explorer;
mod fault;
mod fingerprint;
mod judge;
mod lore;
mod mind;
mod moves;
mod plan;
mod play;
mod script;
mod table;
mod tell;
mod world;

#[path = "../simulation/cache.rs"]
mod cache;
#[path = "../simulation/device.rs"]
#[allow(dead_code, reason = "the simulator has more on its devices")]
mod device;
#[path = "../simulation/log.rs"]
mod log;
#[path = "../simulation/mirror.rs"]
mod mirror;
#[path = "../simulation/oracle.rs"]
#[allow(dead_code, reason = "the simulator asks for more")]
mod oracle;
#[path = "../simulation/server.rs"]
#[allow(dead_code, reason = "the simulator's server has more")]
mod server;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use explorer::Found;

/// How many scopes are explored at a time.
const THREADS: usize = 2;


/// A number from outside, if there is one.
fn number(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}

/// Everything in the scope that is asked for, on two cores.
#[test]
fn every_world() {
    let only = std::env::var("WIZI_ONLY").ok();
    let scopes = plan::scopes(number("WIZI_EVENTS"), only.as_deref());
    #[expect(clippy::disallowed_methods, reason = "measures the explorer itself")]
    let began = std::time::Instant::now();
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Found)>> = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while let Some(scope) = scopes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found_here = explorer::explore(scope);
                    if number("WIZI_VERBOSE").is_some() {
                        println!("{}: {found_here}", scope.name());
                    }
                    let mut found = found.lock().expect("no thread fails with it");
                    found.push((0, found_here));
                }
            });
        }
    });
    println!("{:.0} s", began.elapsed().as_secs_f64());
}
