//! Values that the screen watches.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::UnwrapThrowExt as _;

/// Anything that lives as long as what is being built around it is on the page. All of it is of
/// one type for Leptos, because it compiles its arena anew for each.
pub(super) type Kept = StoredValue<Rc<dyn Any>, LocalStorage>;

/// Keeps something until the owner of what is being built is gone.
pub(super) fn keep(it: impl Any) -> Kept {
    StoredValue::new_local(Rc::new(it))
}

/// A signal: an effect that reads it runs again when it changes. It does what Leptos' `RwSignal`
/// does, for values of any type by the same code.
pub(in crate::ui) struct Var<T> {
    kept: Kept,
    kind: PhantomData<fn() -> T>,
}

struct Watched<T> {
    changed: ArcTrigger,
    value: RefCell<T>,
}

impl<T> Clone for Var<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Var<T> {}

impl<T: 'static> Var<T> {
    /// A signal with its first value.
    pub(in crate::ui) fn new(value: T) -> Self {
        let watched = Watched { changed: ArcTrigger::new(), value: RefCell::new(value) };
        Self { kept: keep(watched), kind: PhantomData }
    }

    /// The value; whoever asks is told of changes.
    pub(in crate::ui) fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value, only now.
    pub(in crate::ui) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.read().value.borrow().clone()
    }

    /// Something of the value; whoever asks is told of changes.
    pub(in crate::ui) fn with<R>(self, pick: impl FnOnce(&T) -> R) -> R {
        let watched = self.read();
        watched.changed.track();
        pick(&watched.value.borrow())
    }

    /// Another value. What is gone from the page takes it in silence.
    pub(in crate::ui) fn set(self, value: T) {
        self.update(move |it| *it = value);
    }

    /// Changes the value. What is gone from the page is left as it is.
    pub(in crate::ui) fn update(self, change: impl FnOnce(&mut T)) {
        let Some(watched) = self.watched() else { return };
        change(&mut watched.value.borrow_mut());
        watched.changed.notify();
    }

    fn read(self) -> Rc<Watched<T>> {
        self.watched().expect_throw("a signal is read by what it belongs to")
    }

    fn watched(self) -> Option<Rc<Watched<T>>> {
        self.kept.try_get_value()?.downcast().ok()
    }
}
