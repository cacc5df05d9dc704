//! P9 "Reducers and the event processor give the same result natively and in WASM": the same seeds
//! have the same hashes in a browser.

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
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

/// Gives the page a turn. ChromeDriver gives up on a page that does not answer for 30 seconds.
async fn next_task() {
    let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
        let resolve = move || drop(resolve.call0(&JsValue::UNDEFINED).unwrap());
        Timeout::new(0, resolve).forget();
    });
    JsFuture::from(promise).await.unwrap();
}

#[wasm_bindgen_test]
async fn seeds_have_their_native_hashes() {
    let mut count = 0;
    for (seed, expected) in (1..).zip(NATIVE.trim().split(',')) {
        let summary = simulation::run(&Case::of(seed)).unwrap();
        assert_eq!(format!("{:x}", summary.hash), expected, "seed {seed}");
        count += 1;
        next_task().await;
    }
    console_log!("{count} seeds have their native hashes");
}
