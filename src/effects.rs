//! What a step of a state machine takes and returns: the moment, effects, follow-up actions.

mod effect;
mod outbox;
mod secret;

pub use effect::{
    ArchiveRequest, CacheWrite, DurableWrite, Effect, HttpCall, Rendered, SignInAccount,
};
pub use outbox::Outbox;
pub use secret::Secret;
pub use wizitime_protocol::Moment;
