//! The whole loop in memory: intent → buffer → frame → server → state.
//!
//! The world is calm and each step is chosen by the test; the simulator covers chance and faults.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test panics on failure")]

mod clock_changes;
mod crashes;
mod discards;
mod faults;
mod phoenix_versions;
mod restores;
mod sessions;
mod sharing;
mod slow_cache;
mod storage;
mod tabs;
mod tasks;
mod test_bed;
mod timeline;
mod unanswered;
mod undo;
mod upgrade;
