//! The simulator: real client cores and the real hub on a virtual clock, over an unreliable
//! network, from one seed.
//!
//! A run has two phases. First users work while faults occur; nothing that was recorded may get
//! lost meanwhile. Then the faults end, and all tabs must become quiet with the same state. The
//! checks are in `wizitime_testkit::invariants`.
//!
//! `cargo xtask sim --runs N --seed S` runs seeds S to S + N − 1. A failing seed prints itself, and
//! the smallest part of its plan that still fails.
#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::print_stdout, reason = "a test reports what it did")
)]
#![cfg_attr(
    target_arch = "wasm32",
    expect(clippy::unwrap_used, clippy::expect_used, reason = "a test panics on failure")
)]

mod case;
mod checks;
mod database;
mod device_faults;
mod faults;
mod network;
mod plan;
mod simulation;
mod trace;
mod work;

#[cfg(target_arch = "wasm32")]
mod in_browser;
#[cfg(not(target_arch = "wasm32"))]
mod shrink;
#[cfg(not(target_arch = "wasm32"))]
mod sweep;

#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs one case. The error names the invariant that was violated.
#[cfg(not(target_arch = "wasm32"))]
fn run(case: &case::Case) -> Result<simulation::Summary, String> {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let run = AssertUnwindSafe(|| simulation::run(case));
    catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("without a message")))
    })
}
