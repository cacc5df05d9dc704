//! The simulator: real client cores and the real hub in one world, on a virtual clock, over a
//! hostile network, from one seed.
//!
//! A run has two phases. First people work while things go wrong; all the while nothing that was
//! recorded may vanish. Then the faults end, and the world must become quiet with the same state
//! everywhere. `oracle.rs` states what is checked.
//!
//! `cargo xtask sim --runs N --seed S` runs seeds S to S + N − 1. A failing seed prints itself, and
//! the smallest part of its world that still fails.
#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::print_stdout, reason = "a test tells what it did")
)]
#![cfg_attr(
    target_arch = "wasm32",
    expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what cannot be")
)]

mod cache;
mod case;
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

#[cfg(target_arch = "wasm32")]
mod in_browser;
#[cfg(not(target_arch = "wasm32"))]
mod shrink;
#[cfg(not(target_arch = "wasm32"))]
mod sweep;

#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs one world; the error says what promise was broken.
#[cfg(not(target_arch = "wasm32"))]
fn run(case: &case::Case) -> Result<world::Outcome, String> {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let run = AssertUnwindSafe(|| world::World::new(case).run());
    catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("of another kind")))
    })
}
