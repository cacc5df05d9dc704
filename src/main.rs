//! The page's entry point.

#[cfg(target_arch = "wasm32")]
fn main() {
    wizitime::browser::start();
    wizitime::layout::mount();
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::print_stderr, reason = "the only thing this build has to say")]
fn main() {
    eprintln!("WiziTime runs in a browser: start it with `cargo xtask serve`.");
}
