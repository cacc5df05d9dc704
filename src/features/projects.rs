//! Projects.

mod dispatcher;
mod intent;
mod selectors;

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;

pub(super) use dispatcher::dispatch;
pub use intent::ProjectIntent;
pub use selectors::select_projects;
