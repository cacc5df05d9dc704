//! Time and randomness at the start of one step.

pub use wizitime_protocol::Moment;
