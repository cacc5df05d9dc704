//! Bytes ⇄ types, without I/O.
//!
//! [`phoenix`] is Phoenix Channels V2, both ends, and knows nothing of WiziTime. [`messages`] is
//! what WiziTime says over it, and knows nothing of sockets.

pub mod messages;
pub mod phoenix;
