//! Fuzzing of everything that reads untrusted input: mutated inputs, from one seed each, and a
//! corpus of inputs that once failed or are unusual.
//!
//! `cargo xtask fuzz --seconds N --seed S` feeds each target for its share of the time. A failing
//! input is shrunk, printed and added to the corpus, which every `cargo test` replays.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test panics on failure")]

mod client;
mod device;
mod events;
mod frames;
mod session;

/// The folder of the corpora.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");

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
