//! Which scopes are explored.

use crate::fault::Fault;
use crate::play::Scope;
use crate::script;

/// How large worlds are, how much people do, and which waits are over while things are under way.
struct Shape {
    devices: u8,
    tabs_per_device: u8,
    events: usize,
    short_ms: u64,
}

/// The scopes for so many events, or the small ones.
pub(crate) fn scopes(events: Option<usize>, only: Option<&str>) -> Vec<Scope> {
    let get = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
    };
    let shape = Shape {
        devices: get("WIZI_DEVICES", 2) as u8,
        tabs_per_device: get("WIZI_TABS", 2) as u8,
        events: events.unwrap_or(1),
        short_ms: get("WIZI_SHORT", 0),
    };
    let mut scopes = Vec::new();
    for fault in Fault::ALL {
        if only.is_some_and(|only| only != fault.name()) {
            continue;
        }
        for script in script::scripts(shape.events) {
            let targets = if fault.is_of_a_device() { shape.devices } else { 1 };
            for target in 0..targets {
                let script = script.clone();
                let Shape { devices, tabs_per_device, short_ms, .. } = shape;
                scopes.push(Scope { devices, tabs_per_device, script, fault, target, short_ms });
            }
        }
    }
    scopes
}
