//! A modal dialog: it takes the focus when it is mounted, and gives it back when it closes, by its
//! button, by Escape or by a click beside it.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlDialogElement, MouseEvent};

use super::icons;
use crate::ui::dom::after_mount;
use crate::ui::{focus, texts};

/// The dialog. `on_close` has to take it off the page.
#[component]
pub(crate) fn Dialog(
    title: &'static str,
    #[prop(into)] on_close: Callback<()>,
    children: Children,
) -> AnyView {
    // Taken off the page while it is open, as with Back, it does not give the focus back itself.
    on_cleanup(focus::settle);
    view! {
        <dialog class="dialog" aria-label=title use:show_modal
            on:close=move |_| on_close.run(()) on:click=close_on_backdrop>
            <div class="dialog__head">
                <h2 class="dialog__title">{title}</h2>
                <button type="button" class="icon-btn" aria-label=texts::CLOSE
                    on:click=close_around>
                    {icons::cross()}
                </button>
            </div>
            <div class="dialog__body">{children()}</div>
        </dialog>
    }
    .into_any()
}

/// Opens the dialog once it is on the page. Directives of its content run later, so a field that
/// wants the focus gets it in the open dialog.
fn show_modal(element: Element) {
    let dialog: HtmlDialogElement = element.unchecked_into();
    after_mount(move || {
        // Fails only if the dialog is off the page again.
        if let Err(error) = dialog.show_modal() {
            debug_assert!(!dialog.is_connected(), "{error:?}");
        }
    });
}

fn close_on_backdrop(event: MouseEvent) {
    // The dialog has no padding: a click on the element itself is one on its backdrop.
    if event.target() == event.current_target() {
        close_around(event);
    }
}

/// Closes the dialog that the element of the event is in.
fn close_around(event: MouseEvent) {
    let element = event.current_target().and_then(|it| it.dyn_into::<Element>().ok());
    let dialog = element.and_then(|it| it.closest("dialog").ok().flatten());
    if let Some(dialog) = dialog {
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
}
