//! What adapters share: inputs for the core, errors for the console, and tasks that report both.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::app::Input;

type Receiver = Rc<dyn Fn(Input)>;

thread_local! {
    static RECEIVER: RefCell<Option<Receiver>> = const { RefCell::new(None) };
}

/// Sets the receiver of all inputs.
pub(super) fn connect(receiver: impl Fn(Input) + 'static) {
    RECEIVER.set(Some(Rc::new(receiver)));
}

/// Passes an input to the core. Dropped before the core is started.
pub(super) fn send(input: Input) {
    if let Some(receiver) = RECEIVER.with_borrow(Clone::clone) {
        receiver(input);
    }
}

/// Logs an error to the console. The user sees the sync dialog instead.
pub(super) fn report(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&what.into(), error);
}

/// Starts the task of an adapter. Tasks are boxed, so that the executor is compiled once and not
/// for each of them: 0.4 kB of the first load.
pub(super) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local(task);
}
