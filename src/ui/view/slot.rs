//! Children that come and go.

use leptos::prelude::*;
use wasm_bindgen::UnwrapThrowExt as _;
use web_sys::Node;

use super::{El, effect};

/// Where children come and go: before a mark that stays.
pub(super) struct Slot {
    parent: Node,
    mark: Node,
    /// What is being built around the slot owns what is built in it.
    owner: Option<Owner>,
}

/// Elements on the page with all that is bound to them.
pub(super) struct Shown {
    elements: Vec<El>,
    owner: Owner,
}

impl Slot {
    pub(super) fn at_end_of(parent: &El) -> Self {
        let mark: Node = document().create_comment("").into();
        parent.0.append_child(&mark).expect_throw("an element takes children");
        Self { parent: parent.0.clone().into(), mark, owner: Owner::current() }
    }

    /// The mark before which the slot's children are.
    pub(super) const fn mark(&self) -> &Node {
        &self.mark
    }

    /// Builds elements and puts them on the page.
    pub(super) fn show(&self, build: impl FnOnce() -> Vec<El>) -> Shown {
        let owner = self.owner.as_ref().map_or_else(Owner::new, Owner::child);
        let elements = owner.with(build);
        for element in &elements {
            self.put(element, &self.mark);
        }
        Shown { elements, owner }
    }

    /// Moves an element to right before a child of the slot, or its mark.
    pub(super) fn put(&self, element: &El, before: &Node) {
        let put = self.parent.insert_before(&element.0, Some(before));
        put.expect_throw("the mark stays where it is");
    }
}

impl Shown {
    pub(super) fn elements(&self) -> &[El] {
        &self.elements
    }

    /// Takes the elements off the page. A field that loses the focus by that can still take what
    /// was typed, so its listeners go last.
    pub(super) fn remove(self) {
        self.elements.iter().for_each(|element| element.0.remove());
        self.owner.cleanup();
    }
}

impl El {
    /// A child that is there while something is so.
    pub(in crate::ui) fn when(
        self,
        is: impl Fn() -> bool + 'static,
        build: impl Fn() -> El + 'static,
    ) -> Self {
        self.bind_when(Box::new(is), Box::new(build))
    }

    /// Children that are built anew whenever a signal that is read by building them changes.
    pub(in crate::ui) fn rebuilt(self, build: impl Fn() -> Vec<El> + 'static) -> Self {
        self.bind_rebuilt(Box::new(build))
    }

    fn bind_when(self, is: Box<dyn Fn() -> bool>, build: Box<dyn Fn() -> El>) -> Self {
        let slot = Slot::at_end_of(&self);
        let mut shown: Option<Shown> = None;
        effect(move || match (is(), shown.take()) {
            (true, None) => shown = Some(slot.show(|| vec![untrack(&build)])),
            (true, it) => shown = it,
            (false, Some(it)) => it.remove(),
            (false, None) => (),
        });
        self
    }

    fn bind_rebuilt(self, build: Box<dyn Fn() -> Vec<El>>) -> Self {
        let slot = Slot::at_end_of(&self);
        let mut shown: Option<Shown> = None;
        effect(move || {
            if let Some(old) = shown.take() {
                old.remove();
            }
            shown = Some(slot.show(&build));
        });
        self
    }
}
