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

use fault::Fault;
use play::Scope;

fn number(name: &str, default: u8) -> u8 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")),
        Err(_) => default,
    }
}

#[test]
fn every_world() {
    let events = number("WIZI_EVENTS", 1);
    let devices = number("WIZI_DEVICES", 2);
    let tabs_per_device = number("WIZI_TABS", 2);
    let only = std::env::var("WIZI_ONLY").ok();
    for script in script::scripts(usize::from(events)) {
        for fault in Fault::ALL {
            if only.as_ref().is_some_and(|only| only != fault.name()) {
                continue;
            }
          let targets = if fault.is_of_a_device() { devices } else { 1 };
          for target in 0..targets {
            let script = script.clone();
            let scope = Scope { devices, tabs_per_device, script, fault, target };
            #[expect(clippy::disallowed_methods, reason = "measures the explorer itself")]
            let began = std::time::Instant::now();
            let found = explorer::explore(&scope);
            println!(
                "{:?} {} {target}: {} states {} transitions {} ends depth {} minds {} in {:.1} s",
                scope.script, fault.name(), found.states, found.transitions, found.ends,
                found.depth, found.minds, began.elapsed().as_secs_f64(),
            );
            if let Some((why, path)) = found.broken {
                for line in path { println!("    {line}"); }
                println!("BROKEN {why}");
            }
          }
        }
    }
}
