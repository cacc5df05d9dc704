//! P9 "Reducers and the event processor give the same result natively and in WASM": the same seeds
//! have the same hashes in a browser.

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::case::Case;
use crate::simulation;

wasm_bindgen_test_configure!(run_in_browser);

/// The native hashes of the seeds from 1 on: those of many seeds, computed by `cargo xtask test
/// --only browser`, otherwise those of a few seeds in the repository.
const NATIVE: &str = match option_env!("WIZI_HASHES") {
    Some(hashes) => hashes,
    None => include_str!("hashes.txt"),
};

#[wasm_bindgen_test]
fn seeds_have_their_native_hashes() {
    let mut count = 0;
    for (seed, expected) in (1..).zip(NATIVE.trim().split(',')) {
        let summary = simulation::run(&Case::of(seed)).unwrap();
        assert_eq!(format!("{:x}", summary.hash), expected, "seed {seed}");
        count += 1;
    }
    console_log!("{count} seeds have their native hashes");
}
