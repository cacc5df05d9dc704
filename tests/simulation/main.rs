//! The simulator: real client cores and the real hub in one world, on a virtual clock, over a
//! hostile network, from one seed.
//!
//! A run has two phases. First people work while things go wrong; all the while nothing that was
//! recorded may vanish. Then the faults end, and the world must become quiet with the same state
//! everywhere. `oracle.rs` states what is checked.
//!
//! `cargo xtask sim --runs N --seed S` runs seeds S to S + N − 1. A failing seed prints itself.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "a test tells, and ends at what cannot be")]

mod cache;
mod device;
mod faults;
mod log;
mod mirror;
mod oracle;
mod server;
mod trace;
mod user;
mod versions;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::{Outcome, World};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS_DEFAULT: u64 = 200;
const SEED_DEFAULT: u64 = 1;
/// The most failures that are told in full.
const FAILURES_TOLD_MAX: usize = 10;

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")),
        Err(_) => default,
    }
}

/// Runs one seed; the error says what promise was broken.
fn run(seed: u64) -> Result<Outcome, String> {
    let only = std::env::var("WIZI_ONLY").ok();
    let run = AssertUnwindSafe(|| World::new(seed, only.as_deref()).run());
    catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("of another kind")))
    })
}

/// Many seeds, on all cores.
#[test]
fn sweep() {
    let runs = number("WIZI_RUNS", RUNS_DEFAULT);
    let first = number("WIZI_SEED", SEED_DEFAULT);
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let events = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    #[expect(clippy::disallowed_methods, reason = "measures the simulator itself")]
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        break;
                    }
                    match run(seed) {
                        Ok(outcome) => events.fetch_add(outcome.events, Ordering::Relaxed),
                        Err(why) => {
                            failures.lock().unwrap().push((seed, why));
                            0
                        }
                    };
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    for (seed, why) in failures.iter().take(FAILURES_TOLD_MAX) {
        println!("seed {seed}: {why}");
    }
    let (events, per_second) = (events.into_inner(), runs as f64 / seconds);
    println!(
        "{runs} runs, {} failures, {per_second:.0} runs/s, {} cores, {events} events",
        failures.len(),
        threads
    );
    assert!(failures.is_empty(), "{} of {runs} seeds failed", failures.len());
}

/// A seed is the whole story: run twice, it gives the same trace.
#[test]
fn a_seed_repeats() {
    for seed in 1..=20 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}
