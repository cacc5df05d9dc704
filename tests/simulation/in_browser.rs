//! P9 "Reducers and the event processor give the same result natively and in WASM": the same seeds
//! make the same worlds in a browser, to the last happening.

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::case::Case;
use crate::world::World;

wasm_bindgen_test_configure!(run_in_browser);

/// What the seeds from 1 on come to natively, as `cargo xtask test --only browser` found.
const NATIVE: Option<&str> = option_env!("WIZI_HASHES");

#[wasm_bindgen_test]
fn worlds_are_what_they_are_natively() {
    let native = NATIVE.expect("run by cargo xtask test --only browser").split(',');
    let mut count = 0;
    for (seed, expected) in (1..).zip(native) {
        let outcome = World::new(&Case::of(seed)).run().unwrap();
        assert_eq!(format!("{:x}", outcome.hash), expected, "seed {seed}");
        count += 1;
    }
    console_log!("{count} worlds are what they are natively");
}
