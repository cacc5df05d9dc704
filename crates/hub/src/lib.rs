//! The server's decisions, without I/O: what a connection may request, what a batch of events
//! does, and in which order the replies are sent.
//!
//! A [`Session`] is one connection: text in, [`SessionEffect`]s out. Database work leaves it as a
//! [`Job`] and comes back as a [`JobResult`]; the server runs jobs against SQL, tests against
//! [`MemoryLog`]. Both decide what a batch does with [`Batch::plan`].

mod batch;
mod broadcast;
mod memory_log;
mod rejection_message;
mod session;

pub use batch::{Accepted, Batch, BatchEvent, Commit, Loaded, Needs};
pub use broadcast::Broadcast;
pub use memory_log::MemoryLog;
pub use session::{
    CloseCode, Head, Job, JobError, JobResult, PushKind, QUEUED_FRAMES_MAX, Session, SessionEffect,
};
