//! Fuzzing: targets, mutated inputs and golden fixtures.

pub mod fixtures;
mod hex;
mod mutation;
mod target;

pub use hex::{binary_frame, from_hex, to_hex};
pub use mutation::mutated;
pub use target::Target;
