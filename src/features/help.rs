//! Help: the keyboard shortcuts and what time fields understand.

#[cfg(target_arch = "wasm32")]
pub(crate) mod components;
