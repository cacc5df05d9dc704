//! The application core: inputs in, effects out. Pure; compiles natively.

pub mod chain;
mod core;
pub mod input;
mod on_input;
mod refused_writes;
mod startup;

pub use self::core::Core;
pub use input::Input;
pub use refused_writes::RefusedWrites;
