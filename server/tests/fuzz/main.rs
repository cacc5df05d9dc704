//! Fuzzes the server through its real router: every request and every frame is answered, or its
//! connection is closed.
//!
//! `cargo xtask fuzz` runs it together with the root package's `tests/fuzz`, with the
//! generators and the runner of the testkit.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed step fails its test")]

mod fixture;
mod requests;
mod sockets;

/// The folder of the corpora.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");

#[test]
fn requests() {
    requests::requests().run();
}

#[test]
fn sockets() {
    sockets::sockets().run();
}
