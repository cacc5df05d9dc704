//! Fuzzing of whatever reads what a stranger or a broken disk may give: nearly valid inputs, from
//! one seed each, and a corpus of those that once failed or are odd.
//!
//! `cargo xtask fuzz --seconds N --seed S` feeds each target for its share of the time. A failing
//! input is made smaller, printed and put into the corpus, which every `cargo test` replays.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "a test tells how much it tried")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what cannot be")]

mod fuzzer;
mod mutation;

mod client;
mod device;
mod events;
mod frames;
mod golden;
#[path = "../simulation/mirror.rs"]
mod mirror;
mod session;

#[test]
fn text_frames() {
    frames::text_frames().run();
}

#[test]
fn binary_frames() {
    frames::binary_frames().run();
}

#[test]
fn single_events() {
    events::events().run();
}

#[test]
fn batches() {
    events::batches().run();
}

#[test]
fn sessions() {
    session::sessions().run();
}

#[test]
fn stored_texts() {
    client::stored_texts().run();
}

#[test]
fn clients() {
    client::clients().run();
}
