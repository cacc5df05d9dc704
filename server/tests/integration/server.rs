//! Tests that do not depend on the backend; they run on SQLite.

mod channels;
mod faults;
mod files;
mod handshake;
mod log;
mod operations;
mod program;
mod receive_limits;
mod request_limits;
mod shutdown;
