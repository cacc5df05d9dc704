//! The whole loop in memory, told as stories: intent → buffer → frame → server → state.
//!
//! The world is calm here, and every step is chosen; the simulator is for chaos.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

mod crashes;
mod desk;
mod discards;
mod faults;
#[path = "../simulation/mirror.rs"]
mod mirror;
mod on_phoenix;
mod phoenix;
mod restores;
mod sessions;
mod sharing;
mod slow_cache;
mod storage;
mod tabs;
mod upgrade;
