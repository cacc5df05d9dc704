//! Elements of the page, bound to signals.
//!
//! This is all there is between the components and the document: [`el`] makes an element, the
//! methods of [`El`] give it attributes, texts, listeners and children, fixed ones or ones that
//! follow signals. Signals, effects and owners are Leptos'; its `view!` is not used, because it
//! compiles every view anew. Here every closure is boxed at the door, and the code behind it exists
//! once. `docs/ARCHITECTURE.md` has what that saves.

mod list;
mod slot;
mod var;

use std::borrow::Cow;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, UnwrapThrowExt as _};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

pub(super) use list::Key;
pub(super) use var::Var;
use var::keep;

/// A text, fixed or made.
type Words = Cow<'static, str>;

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element of the page, being furnished.
#[derive(Clone)]
pub(super) struct El(Element);

/// A new element with its classes.
pub(super) fn el(tag: &'static str, class: &'static str) -> El {
    let element = document().create_element(tag).expect_throw("the name of an element");
    classed(element, class)
}

/// A new element of a drawing.
pub(super) fn svg(tag: &'static str, class: &'static str) -> El {
    let element = document().create_element_ns(Some(SVG), tag);
    classed(element.expect_throw("the name of an element"), class)
}

/// A button that does something when it is pressed.
pub(super) fn button(class: &'static str, press: impl Fn() + 'static) -> El {
    el("button", class).attr("type", "button").on_click(press)
}

/// A drawing given as markup.
pub(super) fn drawing(markup: &'static str) -> El {
    let El(element) = el("span", "drawing").attr("aria-hidden", "true");
    element.set_inner_html(markup);
    El(element)
}

fn classed(element: Element, class: &'static str) -> El {
    let it = El(element);
    if class.is_empty() { it } else { it.attr("class", class) }
}

/// Runs now, and again whenever a signal that it read changes, as long as what is being built
/// around it is on the page.
pub(super) fn effect(run: impl FnMut() + 'static) {
    keep_running(Box::new(run));
}

fn keep_running(mut run: Box<dyn FnMut()>) {
    // The owner of what is being built drops it.
    keep(RenderEffect::new(move |_: Option<()>| run()));
}

/// Runs once what is being built is on the page.
pub(super) fn once_placed(run: impl FnOnce() + 'static) {
    let run: Box<dyn FnOnce()> = Box::new(run);
    queue_microtask(run);
}

impl El {
    /// The element itself.
    pub(super) fn element(&self) -> &HtmlElement {
        self.0.unchecked_ref()
    }

    /// The element as a field of a form.
    pub(super) fn input(&self) -> &HtmlInputElement {
        self.0.unchecked_ref()
    }

    /// Sets an attribute.
    pub(super) fn attr(self, name: &'static str, value: &str) -> Self {
        self.0.set_attribute(name, value).expect_throw("the name of an attribute");
        self
    }

    /// An attribute that follows signals.
    pub(super) fn attr_fn<T: Into<Words>>(
        self,
        name: &'static str,
        value: impl Fn() -> T + 'static,
    ) -> Self {
        self.bind_attr(name, Box::new(move || Some(value().into())))
    }

    /// An attribute that comes and goes.
    pub(super) fn attr_opt<T: Into<Words>>(
        self,
        name: &'static str,
        value: impl Fn() -> Option<T> + 'static,
    ) -> Self {
        self.bind_attr(name, Box::new(move || value().map(Into::into)))
    }

    /// An attribute that says `true` or `false`.
    pub(super) fn state(self, name: &'static str, is: impl Fn() -> bool + 'static) -> Self {
        self.bind_attr(name, Box::new(move || Some((if is() { "true" } else { "false" }).into())))
    }

    /// A text.
    pub(super) fn text(self, text: &str) -> Self {
        self.0.append_with_str_1(text).expect_throw("an element takes texts");
        self
    }

    /// A text that follows signals.
    pub(super) fn text_fn<T: Into<Words>>(self, text: impl Fn() -> T + 'static) -> Self {
        self.bind_text(Box::new(move || text().into()))
    }

    /// The text of a field, following signals.
    pub(super) fn value_fn<T: Into<Words>>(self, value: impl Fn() -> T + 'static) -> Self {
        self.bind_value(Box::new(move || value().into()))
    }

    /// A child.
    pub(super) fn child(self, child: El) -> Self {
        self.0.append_child(&child.0).expect_throw("an element takes children");
        self
    }

    /// Children.
    pub(super) fn children(self, children: impl IntoIterator<Item = El>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Listens. What is listened to says what kind of event it is.
    pub(super) fn on<E: wasm_bindgen::JsCast>(
        self,
        name: &'static str,
        heard: impl Fn(E) + 'static,
    ) -> Self {
        self.listen(name, Box::new(move |event| heard(event.unchecked_into())))
    }

    /// Listens for presses.
    pub(super) fn on_click(self, press: impl Fn() + 'static) -> Self {
        self.listen("click", Box::new(move |_| press()))
    }

    /// Listens for keys.
    pub(super) fn on_key(self, key: impl Fn(KeyboardEvent) + 'static) -> Self {
        self.on("keydown", key)
    }

    /// Listens for what is typed.
    pub(super) fn on_input(self, typed: impl Fn(String) + 'static) -> Self {
        let field = self.input().clone();
        self.listen("input", Box::new(move |_| typed(field.value())))
    }

    fn bind_attr(self, name: &'static str, value: Box<dyn Fn() -> Option<Words>>) -> Self {
        let element = self.0.clone();
        let mut shown = None;
        effect(move || {
            let value = value();
            if value == shown {
                return;
            }
            let set = match &value {
                Some(value) => element.set_attribute(name, value),
                None => element.remove_attribute(name),
            };
            set.expect_throw("the name of an attribute");
            shown = value;
        });
        self
    }

    fn bind_text(self, text: Box<dyn Fn() -> Words>) -> Self {
        let node = document().create_text_node("");
        self.0.append_child(&node).expect_throw("an element takes texts");
        let mut shown = Words::Borrowed("");
        effect(move || {
            let text = text();
            if text != shown {
                node.set_data(&text);
                shown = text;
            }
        });
        self
    }

    fn bind_value(self, value: Box<dyn Fn() -> Words>) -> Self {
        let field = self.input().clone();
        effect(move || {
            let value = value();
            // Setting the text that is there already would move the cursor.
            if field.value() != value {
                field.set_value(&value);
            }
        });
        self
    }

    fn listen(self, name: &'static str, heard: Box<dyn FnMut(Event)>) -> Self {
        let closure = Closure::wrap(heard);
        let listening =
            self.0.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        listening.expect_throw("an element can be listened to");
        // The owner of what is being built drops it.
        keep(closure);
        self
    }
}
