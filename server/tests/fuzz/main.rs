//! Fuzzes the server through its real router: every request and every frame is answered, or its
//! connection is closed.
//!
//! `cargo xtask fuzz` runs it together with the root package's `tests/fuzz`, whose generators and
//! runner it uses.
#![expect(clippy::print_stdout, reason = "the number of inputs is printed")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed step fails its test")]

#[path = "../../../tests/fuzz/frames.rs"]
#[expect(dead_code, reason = "only used by the root package's targets")]
mod frames;
#[path = "../../../tests/fuzz/fuzzer.rs"]
mod fuzzer;
#[path = "../../../tests/fuzz/golden.rs"]
#[expect(dead_code, reason = "only used by the root package's targets")]
mod golden;
#[path = "../../../tests/fuzz/mutation.rs"]
mod mutation;

mod fixture;
mod requests;
mod sockets;

#[test]
fn requests() {
    requests::requests().run();
}

#[test]
fn sockets() {
    sockets::sockets().run();
}
