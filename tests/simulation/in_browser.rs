//! P9 "Reducers and the event processor give the same result natively and in WASM": the same seeds
//! have the same hashes in a browser.

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::case::Case;
use crate::simulation;

wasm_bindgen_test_configure!(run_in_browser);

/// The native hashes of the seeds from 1 on, from `cargo xtask test --only browser`.
const NATIVE: Option<&str> = option_env!("WIZI_HASHES");

#[wasm_bindgen_test]
fn seeds_have_their_native_hashes() {
    let Some(native) = NATIVE else {
        console_log!("skipped: cargo xtask test --only browser gives the native hashes");
        return;
    };
    let mut count = 0;
    for (seed, expected) in (1..).zip(native.split(',')) {
        let summary = simulation::run(&Case::of(seed)).unwrap();
        assert_eq!(format!("{:x}", summary.hash), expected, "seed {seed}");
        count += 1;
    }
    console_log!("{count} seeds have their native hashes");
}
