//! Every world of a small scope: two devices with two tabs each, a few events, one fault anywhere,
//! and every order in which things can happen. The real client and the real hub are in it, and the
//! simulator's oracle judges. Where the simulator tries the large, this leaves nothing out of the
//! small.
//!
//! A world is all there is: clients, storage, the server, everything under way, how much of the
//! script is done, and whether the fault has struck. Each part of it is kept once and has a number
//! (`lore.rs`), so a world is a short row of numbers, and what a client makes of an input is
//! computed once for all worlds in which it happens. `explorer.rs` goes through the worlds, the
//! nearest first, and knows them again by 128 bits (`fingerprint.rs`). The `stateright` checker
//! knows states by 64 bits and sends them between its threads; a client cannot be sent, and with
//! what is remembered of it here it need not be.
//!
//! What is left out because other worlds show the same:
//! - The heartbeat, and the question for the server's clock, are answered at once: nothing else
//!   hangs on when they are (but where a frame can be lost or doubled, or a tab frozen).
//! - The server runs the job of a frame when it gets the frame: until then the frame may as well
//!   be on its way.
//! - Once the log has everything that was recorded and nobody acts any more it never grows again;
//!   then the devices cannot reach each other, and one after the other is enough. A fault hits one
//!   device, which comes last, and each device is hit in a scope of its own.
//! - Devices are alike, so the first event is made on the first.
//! - On a connection without anything under way the numbers of earlier messages do not matter.
//!
//! What is not explored: time passes only when nothing is under way, so no answer comes after the
//! wait for it, and no timer rings while a frame flies, unless the same moment brought both. Timers
//! ring every 100 ms, clocks on the wall show every second one, jitter is always the same. A
//! person waits until a tab of a killed browser is open before opening the next. The server that
//! dies is there again at once, with its log. A circle in which no time passes is not told from
//! progress.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a test tells, and ends at need")]

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

mod cache;
#[allow(dead_code, reason = "the simulator has more on its devices")]
mod device;
mod log;
mod mirror;
#[allow(dead_code, reason = "the simulator asks for more")]
mod oracle;
#[allow(dead_code, reason = "the simulator's server has more")]
mod server;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use explorer::Found;
use fault::Fault;
use plan::Size;
use play::Scope;

/// How many scopes are explored at a time; each needs some gigabytes when it is large.
const THREADS: usize = 2;

/// Goes through everything that is asked for.
#[test]
fn every_world() {
    let size = Size::asked();
    let only = std::env::var("WIZI_ONLY").ok();
    let scopes = plan::scopes(size, only.as_deref());
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(&Scope, Found)>> = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while let Some(scope) = scopes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let here = explorer::explore(scope);
                    tell(scope, &here);
                    found.lock().expect("nobody fails with it in hand").push((scope, here));
                }
            });
        }
    });
    let found = found.into_inner().expect("nobody failed with it in hand");
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
    let broken = found.iter().filter(|(_, found)| found.broken.is_some()).count();
    let incomplete = found.iter().filter(|(_, found)| found.is_cut_short).count();
    println!(
        "{} scopes, {incomplete} of them not to the end, {states} states, {steps} steps, \
         {ends} ends, {broken} violations",
        found.len()
    );
    assert_eq!(broken, 0, "a promise is broken");
    assert!(incomplete == 0 || size != Size::Small, "the small scope is gone through to the end");
}

/// What was found in one scope: a line, and the way to what is broken.
fn tell(scope: &Scope, found: &Found) {
    let Found { states, steps, ends, depth, minds, is_cut_short, broken } = found;
    let end = if *is_cut_short { ", and there are more" } else { "" };
    println!(
        "{}: {states} states, {steps} steps, {ends} ends, {depth} steps at most, \
         {minds} states of a client{end}",
        scope.name()
    );
    if let Some((why, path)) = broken {
        println!("{}\nBROKEN: {why}", path.join("\n"));
    }
}
