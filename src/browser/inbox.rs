//! Where adapters report to: inputs for the core, and errors for the console.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

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

/// Logs an error to the console. The user sees the sync panel instead.
pub(super) fn report(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&what.into(), error);
}
