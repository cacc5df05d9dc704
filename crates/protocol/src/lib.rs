//! The wire protocol, without I/O.
//!
//! [`phoenix`] implements both ends of Phoenix Channels V2 and knows no application message.
//! [`messages`] defines WiziTime's messages and knows no socket. [`Moment`] and [`Backoff`] are
//! what every state machine of the workspace is given instead of a clock and a random generator.
//! [`route`] lists the pages of the app.

pub mod messages;
pub mod phoenix;
pub mod route;

mod backoff;
mod moment;

pub use backoff::Backoff;
pub use moment::{Moment, MonoTime};
