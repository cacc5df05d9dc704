//! What all tests of the app share: fake devices, a fake server, the one interpreter of `Effect`,
//! and the invariants of docs/TESTING.md as checks.
//!
//! A [`Harness`] holds devices with their tabs and runs the real client core in each tab. It
//! performs the effects of the core and feeds the inputs that follow. Everything that depends on
//! the kind of test is decided by its [`Driver`]: how long an operation takes, what fails, where
//! frames go.
//!
//! | test | driver |
//! |---|---|
//! | `tests/integration` | no faults; the test chooses each step |
//! | `tests/simulation` | a seeded plan of work and faults on a virtual clock |
//! | `tests/fuzz` | one tab whose storage and frames are malformed |
//! | `server/tests/chaos` | real sockets and a real server that is killed |
//! | `tests/exhaustive` | none: it performs [`Step`]s on interned parts, in every order |
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test panics on a broken setup")]

mod accounts;
mod acts;
mod device;
mod driver;
mod fake_server;
mod harness;
mod history;
pub mod invariants;
mod log_invariants;
pub mod old_events;
pub mod phoenix;
mod profile;
mod queue;
mod snapshot_cache;
mod step;
pub mod user;

#[cfg(not(target_arch = "wasm32"))]
pub mod fuzzing;

pub use accounts::{account, session_text, sign_in_intent, sign_in_reply};
pub use acts::Acts;
pub use device::{Device, FOREVER_MS, Tab, TabId};
pub use driver::{Driver, Latency};
pub use fake_server::{Delivery, FakeServer};
pub use harness::{Harness, Target};
pub use history::History;
pub use invariants::Observed;
pub use profile::{Profile, StorageOp};
pub use queue::Queue;
pub use snapshot_cache::SnapshotCache;
pub use step::{DatabaseRequest, Display, NetworkRequest, Step, steps};
