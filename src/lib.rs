//! The WiziTime client, in the order in which data flows.
//!
//! ```text
//!  ui ──Intent──▶ dispatchers ──Action──▶ store (reducers) ──▶ state ──▶ selectors ──▶ ui
//!                      ▲                    │
//!   socket_helper (in)─┘                    └─▶ middleware: event_buffer, sync_helper,
//!         ▲                                     socket_middleware ──Effects──┐
//!         └──── Inputs ◀──── browser (or the simulator) ◀────────────────────┘
//! ```
//!
//! [`Client::handle`] is the whole program as a function of `(state, input, now)`; the browser and
//! the simulator only carry out its effects. Only `ui` and `browser` know that a browser exists.

pub mod client;
pub mod effect;
pub mod input;

pub mod dispatchers;
pub mod store;

pub mod selectors;

pub mod socket;
pub mod sync;

pub mod fields;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod ui;

pub use client::Client;
pub use effect::Effect;
pub use input::{Input, Now};
