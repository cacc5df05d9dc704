//! A modal dialog: it is there while its panel is open, takes the focus, and gives it back when it
//! closes, by its button, by Escape or by a click beside it.

use leptos::ev;
use leptos::prelude::*;

use super::icons;
use crate::ui::context::{Panel, use_ui};
use crate::ui::{dom, text};

/// The dialog of a panel.
#[component]
pub(super) fn Dialog(
    panel: Panel,
    id: &'static str,
    title: &'static str,
    children: ChildrenFn,
) -> AnyView {
    let ui = use_ui();
    let children = StoredValue::new(children);
    let open = move || ui.panel.get() == Some(panel);
    view! {
        <Show when=open>
            <DialogBox id=id title=title>
                {children.with_value(|children| children())}
            </DialogBox>
        </Show>
    }
    .into_any()
}

#[component]
fn DialogBox(id: &'static str, title: &'static str, children: Children) -> AnyView {
    let ui = use_ui();
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if !dialog.open() && dialog.show_modal().is_err() {
            // Not connected any more: there is nothing to show.
            ui.panel.set(None);
        }
    });
    let closed = move |_| ui.panel.set(None);
    let beside = move |event: ev::MouseEvent| {
        // The box has no room of its own: what hits the element itself hits the backdrop.
        if event.target() == event.current_target() {
            dom::close_dialog(id);
        }
    };
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog
            class="dialog"
            id=id
            node_ref=dialog
            aria-labelledby=labelled_by
            on:close=closed
            on:click=beside
        >
            <div class="dialog__head">
                <h2 class="dialog__title" id=title_id>
                    {title}
                </h2>
                <button
                    type="button"
                    class="icon-btn"
                    aria-label=text::CLOSE
                    on:click=move |_| dom::close_dialog(id)
                >
                    {icons::cross()}
                </button>
            </div>
            <div class="dialog__body">{children()}</div>
        </dialog>
    }
    .into_any()
}
