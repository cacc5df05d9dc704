//! The application core: inputs in, effects out. Pure; compiles natively.

pub mod chain;
mod core;
pub mod effect;
pub mod input;
pub mod moment;
mod on_input;
pub mod outbox;
mod refused_writes;
pub mod secret;
mod startup;

pub use self::core::Core;
pub use effect::Effect;
pub use input::Input;
pub use moment::Moment;
pub use outbox::Outbox;
pub use refused_writes::RefusedWrites;
pub use secret::Secret;
