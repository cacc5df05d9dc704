//! Bytes ⇄ types, without I/O.
//!
//! [`phoenix`] is Phoenix Channels V2, both ends, and knows nothing of WiziTime. [`messages`] is
//! what WiziTime says over it, and knows nothing of sockets. [`route`] is the list of the app's
//! pages.

pub mod messages;
pub mod phoenix;
pub mod route;
