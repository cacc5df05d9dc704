//! One change that was set aside: what it is, why it cannot be taken, and what to do about it.

use leptos::prelude::*;

use super::confirm::Confirm;
use super::quarantine_form::{QuarantineForm, can_edit};
use super::sync_dialog::{event_words, when};
use crate::browser;
use crate::dispatchers::Intent;
use crate::store::slices::events::Quarantined;
use crate::ui::context::use_ui;
use crate::ui::text;

/// The code of a change that is held back only because of another one.
const DEPENDS_CODE: &str = "depends";

/// The change.
#[component]
pub(super) fn QuarantineItem(item: Quarantined) -> AnyView {
    let ui = use_ui();
    let envelope = item.record.envelope.clone();
    let event_id = envelope.id;
    let editing = RwSignal::new(false);
    let discarding = RwSignal::new(false);
    let depends = item.code == DEPENDS_CODE;
    let why = if depends { text::DEPENDS.to_owned() } else { item.message.clone() };
    let editable = can_edit(&envelope.event);
    let event = StoredValue::new(envelope.event.clone());
    let buttons = move || {
        view! {
            <div class="buttons">
                <button
                    type="button"
                    class="btn btn--plain"
                    on:click=move |_| browser::dispatch(Intent::RetryQuarantined { event_id })
                >
                    {text::RETRY}
                </button>
                <Show when=move || editable>
                    <button type="button" class="btn btn--plain" on:click=move |_| editing.set(true)>
                        {text::EDIT}
                    </button>
                </Show>
                <button
                    type="button"
                    class="btn btn--danger"
                    on:click=move |_| discarding.set(true)
                >
                    {text::DISCARD}
                </button>
                <button
                    type="button"
                    class="btn btn--plain"
                    on:click=|_| browser::dispatch(Intent::ExportUnsynced)
                >
                    {text::EXPORT}
                </button>
            </div>
        }
        .into_any()
    };
    let really = move || {
        view! {
            <Confirm
                question=text::DISCARD_QUESTION.to_owned()
                yes=text::DISCARD_REALLY
                no=text::KEEP
                on_yes=Callback::new(move |()| {
                    browser::dispatch(Intent::DiscardQuarantined { event_id });
                })
                on_no=Callback::new(move |()| discarding.set(false))
            />
        }
        .into_any()
    };
    let form = move || {
        view! { <QuarantineForm event_id=event_id event=event.get_value() editing=editing /> }
            .into_any()
    };
    let actions = move || match (editing.get(), discarding.get()) {
        (true, _) => form(),
        (false, true) => really(),
        (false, false) => buttons(),
    };
    view! {
        <article class="problem">
            <p class="problem__what">
                {event_words(&envelope.event)} " "
                <span class="waiting__when digits">{move || when(ui, envelope.at)}</span>
            </p>
            <p class="problem__why">{why}</p>
            {actions}
        </article>
    }
    .into_any()
}
