//! Asynchronous tasks.

use std::future::Future;
use std::pin::Pin;

use wasm_bindgen_futures::spawn_local;

/// Starts a task. Tasks are boxed, so that the executor's code exists once.
pub(super) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local(task);
}
