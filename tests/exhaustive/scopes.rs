//! Which scopes are explored.

use crate::fault::Fault;
use crate::runner::Scope;
use crate::user_script;

/// The size of worlds, the length of the script, and the faults.
struct Shape {
    devices: u8,
    tabs_per_device: u8,
    events: usize,
    faults: &'static [Fault],
}

/// What every `cargo test` explores.
const TINY: [Shape; 1] = [Shape { devices: 2, tabs_per_device: 1, events: 1, faults: &Fault::ALL }];

/// What `cargo xtask exhaustive` explores by default: about a minute.
const SMALL: [Shape; 3] = [
    Shape { devices: 2, tabs_per_device: 2, events: 1, faults: &Fault::ALL },
    Shape { devices: 2, tabs_per_device: 2, events: 2, faults: &[Fault::None] },
    Shape { devices: 2, tabs_per_device: 1, events: 2, faults: Fault::LIGHT },
];

/// How much is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Tiny,
    Small,
    /// Two devices with two tabs each, and so many events.
    Events(usize),
}

impl Size {
    /// The size in `WIZI_SCOPE`: `small`, or how many events.
    pub(crate) fn from_env() -> Self {
        match std::env::var("WIZI_SCOPE").as_deref() {
            Err(_) => Self::Tiny,
            Ok("small") => Self::Small,
            Ok(events) => match events.parse() {
                Ok(events @ 1..=user_script::EVENTS_MAX) => Self::Events(events),
                Ok(_) | Err(_) => panic!(
                    "WIZI_SCOPE is `small` or a number of events up to {}, not {events}",
                    user_script::EVENTS_MAX
                ),
            },
        }
    }
}

/// The scopes of a size, with the faults of that name only if one is given.
pub(crate) fn scopes(size: Size, only: Option<&str>) -> Vec<Scope> {
    let is_known = only.is_none_or(|only| Fault::ALL.iter().any(|fault| fault.name() == only));
    assert!(is_known, "there is no fault {only:?}");
    let large;
    let shapes: &[Shape] = match size {
        Size::Tiny => &TINY,
        Size::Small => &SMALL,
        Size::Events(events) => {
            large = [Shape { devices: 2, tabs_per_device: 2, events, faults: &Fault::ALL }];
            &large
        }
    };
    let scopes = shapes.iter().flat_map(Shape::scopes);
    scopes.filter(|scope| only.is_none_or(|only| only == scope.fault.name())).collect()
}

impl Shape {
    fn scopes(&self) -> Vec<Scope> {
        let Self { devices, tabs_per_device, events, faults } = *self;
        let mut scopes = Vec::new();
        // The longest come first, so that no core is idle at the end.
        for fault in faults.iter().rev().copied() {
            for script in user_script::scripts(events) {
                let targets = if fault.is_of_a_device() { devices } else { 1 };
                for target in 0..targets {
                    let script = script.clone();
                    scopes.push(Scope { devices, tabs_per_device, script, fault, target });
                }
            }
        }
        scopes
    }
}
