//! Explores every world of a small scope: two devices with two tabs each, a few events, one fault
//! anywhere, and every order of steps, with the real client core, the real hub and the checks of
//! the testkit. The simulator samples large worlds; this leaves nothing out of small ones.
//!
//! A world is the whole state: clients, stores, the server, everything pending, how much of the
//! script is done, and whether the fault has occurred. Each part is interned (`interner.rs`), so a
//! world is a short row of numbers, and what a client does with an input is computed once for all
//! worlds. `explorer.rs` searches breadth first and knows worlds by 128 bits (`fingerprint.rs`).
//! The `stateright` checker has 64 bits and sends states between threads; a core is not `Send`.
//!
//! Reductions:
//! - Heartbeats and pings are answered at once, unless frames can be lost or doubled, or a tab
//!   frozen.
//! - The server does the job of a frame when it receives the frame.
//! - When the log has everything that was recorded and the user is done, the log never grows again;
//!   then the devices are independent, and one after the other is explored. A fault hits one
//!   device, which comes last, and each device has a scope of its own.
//! - Devices are alike, so the first event is recorded on the first.
//! - On a connection without pending frames the numbers of earlier messages do not matter.
//!
//! Not explored: time passes only when nothing is pending, so no reply comes after its timeout, and
//! no timer fires while a frame is on its way, unless both are due at once. Timers fire every
//! 100 ms, wall clocks show every second second, jitter is constant. The user waits until a tab of
//! a restarted browser is open before opening the next. A crashed server is up again at once, with
//! its log. A loop in which no time passes is not detected.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a test reports, and panics on failure"
)]

mod checks;
mod client_state;
mod explorer;
mod fault;
mod fingerprint;
mod initial_state;
mod interner;
mod runner;
mod scopes;
mod table;
mod trace;
mod transition;
mod transitions;
mod user_script;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use explorer::Exploration;
use fault::Fault;
use runner::Scope;
use scopes::Size;

/// How many scopes are explored at a time; each needs some gigabytes when it is large.
const THREADS: usize = 2;

/// Explores the scopes of `WIZI_SCOPE`.
#[test]
fn no_reachable_world_violates_an_invariant() {
    let size = Size::from_env();
    let only = std::env::var("WIZI_ONLY").ok();
    let scopes = scopes::scopes(size, only.as_deref());
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(&Scope, Exploration)>> = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while let Some(scope) = scopes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let here = explorer::explore(scope);
                    report(scope, &here);
                    found
                        .lock()
                        .expect("no thread panics while it holds the lock")
                        .push((scope, here));
                }
            });
        }
    });
    let found = found.into_inner().expect("no thread panicked while it held the lock");
    assert_eq!(found.len(), scopes.len(), "every scope was explored");
    for fault in Fault::ALL {
        let its = found.iter().filter(|(scope, _)| scope.fault == fault);
        let states: usize = its.map(|(_, found)| found.states).sum();
        if states > 0 {
            println!("{:<20} {states:>10} states", fault.name());
        }
    }
    let states: usize = found.iter().map(|(_, found)| found.states).sum();
    let steps: usize = found.iter().map(|(_, found)| found.steps).sum();
    let ends: usize = found.iter().map(|(_, found)| found.ends).sum();
    let violation = found.iter().filter(|(_, found)| found.violation.is_some()).count();
    let incomplete = found.iter().filter(|(_, found)| found.is_cut_short).count();
    println!(
        "{} scopes, {incomplete} of them not to the end, {states} states, {steps} steps, \
         {ends} ends, {violation} violations",
        found.len()
    );
    assert_eq!(violation, 0, "an invariant is violated");
    assert!(incomplete == 0 || size != Size::Small, "the small scopes are explored completely");
}

/// Prints the result of one scope, and the path to a violation.
fn report(scope: &Scope, found: &Exploration) {
    let Exploration { states, steps, ends, depth, clients, is_cut_short, violation } = found;
    let end = if *is_cut_short { ", and there are more" } else { "" };
    println!(
        "{}: {states} states, {steps} steps, {ends} ends, {depth} steps at most, \
         {clients} states of a client{end}",
        scope.name()
    );
    if let Some((why, path)) = violation {
        println!("{}\nVIOLATION: {why}", path.join("\n"));
    }
}
