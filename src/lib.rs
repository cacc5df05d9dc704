//! The WiziTime client, in the order in which data flows.
//!
//! ```text
//!  ui ──Intent──▶ features (dispatchers) ──Action──▶ store (reducers) ──▶ selectors ──▶ ui
//!                                            │
//!                                            ▼
//!                     app::chain: middlewares of sync, socket and features
//!                        ▲                                      │
//!                      Inputs ◀── browser, or tests ◀────── Effects
//! ```
//!
//! [`app::Core::handle`] is the whole program as a function of `(state, input, moment)`; the
//! browser and the tests only perform its effects. Only `browser`, `ui`, `layout` and the
//! components of features know that a browser exists.

pub mod app;

#[cfg_attr(target_arch = "wasm32", allow(unreachable_pub, reason = "`#[component]` writes `pub`"))]
pub mod features;
pub mod store;

pub mod effects;
pub mod socket;
pub mod sync;

pub mod parse;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "`#[component]` writes `pub`")]
pub mod layout;
#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "`#[component]` writes `pub`")]
pub mod ui;
