//! The pure half of the server: what a connection may ask, what becomes of it, and in which order.
//!
//! A [`Session`] is one connection: text in, [`SessionEffect`]s out. Work on the database leaves it
//! as a [`Job`] and comes back as a [`JobResult`]; the server runs jobs against SQL, the simulator
//! against [`MemoryLog`]. Both decide what a batch does with [`Batch::plan`].

mod batch;
mod memory_log;
mod news;
mod session;

pub use batch::{Accepted, Batch, BatchEvent, Commit, Loaded, Needs};
pub use memory_log::MemoryLog;
pub use news::News;
pub use session::{
    CloseCode, Head, Job, JobError, JobResult, Push, QUEUED_FRAMES_MAX, Session, SessionEffect,
};
