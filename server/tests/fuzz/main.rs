//! Fuzzing of the server over its real router: any request and any frame is answered, or its
//! connection is closed.
//!
//! `cargo xtask fuzz` runs it together with the root package's `tests/fuzz`, whose generators and
//! whose way to feed a target it uses.
#![expect(clippy::print_stdout, reason = "a test tells how much it tried")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what cannot be")]

#[path = "../../../tests/fuzz/frames.rs"]
#[expect(dead_code, reason = "the decoders have their own targets")]
mod frames;
#[path = "../../../tests/fuzz/fuzzer.rs"]
mod fuzzer;
#[path = "../../../tests/fuzz/golden.rs"]
#[expect(dead_code, reason = "the client's end has its own targets")]
mod golden;
#[path = "../../../tests/fuzz/mutation.rs"]
mod mutation;

#[path = "../stories/client.rs"]
#[expect(dead_code, reason = "the stories say more")]
mod client;
#[path = "../stories/events.rs"]
#[expect(dead_code, reason = "the stories have events of their own")]
mod events;
#[path = "../stories/home.rs"]
#[expect(dead_code, reason = "the stories look into the database")]
mod home;
#[path = "../stories/http.rs"]
#[expect(dead_code, reason = "the stories read answers")]
mod http;
#[path = "../stories/world.rs"]
#[expect(dead_code, reason = "the stories need more of a server")]
mod world;

mod place;
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
