//! A modal dialog: it is there while its panel is open, takes the focus, and gives it back when it
//! closes, by its button, by Escape or by a click beside it.

use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlDialogElement, MouseEvent};

use super::icons;
use crate::ui::context::{Panel, Ui};
use crate::ui::text;
use crate::ui::view::{El, button, el, once_placed};

/// The dialog of a panel. `content` makes what is in it each time it opens.
pub(super) fn dialog(
    ui: Ui,
    panel: Panel,
    title: &'static str,
    content: impl Fn() -> Vec<El> + 'static,
) -> El {
    let content: Box<dyn Fn() -> Vec<El>> = Box::new(content);
    let open = move || ui.panel.get() == Some(panel);
    el("div", "slot").when(open, move || dialog_box(ui, title, &*content))
}

fn dialog_box(ui: Ui, title: &'static str, content: &dyn Fn() -> Vec<El>) -> El {
    let root = el("dialog", "dialog").attr("aria-label", title);
    let dialog: HtmlDialogElement = root.element().clone().unchecked_into();
    let (close, shown) = (dialog.clone(), dialog.clone());
    // Before what is in it is built: that may want the focus, and gets it once the dialog is open.
    once_placed(move || {
        if !shown.open() && shown.show_modal().is_err() {
            // Not connected any more: there is nothing to show.
            ui.panel.set(None);
        }
    });
    let head = el("div", "dialog__head").child(el("h2", "dialog__title").text(title)).child(
        button("icon-btn", move || close.close())
            .attr("aria-label", text::CLOSE)
            .child(icons::cross()),
    );
    root.on("close", move |_: Event| ui.panel.set(None))
        .on("click", move |event: MouseEvent| {
            // The box has no room of its own: what hits the element itself hits the backdrop.
            if event.target() == event.current_target() {
                dialog.close();
            }
        })
        .child(head)
        .child(el("div", "dialog__body").children(content()))
}
