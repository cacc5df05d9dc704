//! One quarantined event: what it is, why it was rejected, and what to do about it.

use std::sync::Arc;

use leptos::prelude::*;

use super::quarantine_form::{QuarantineForm, can_edit};
use super::sync_details::{event_text, instant_text};
use super::sync_dialog::export_button;
use crate::browser;
use crate::features::{Intent, SyncIntent};
use crate::store::record::Quarantined;
use crate::ui::context::use_ui;
use crate::ui::texts;
use crate::ui::widgets::{Confirm, ShowIf};

fn dispatch(intent: SyncIntent) {
    browser::dispatch(Intent::Sync(intent));
}

/// The event.
#[component]
pub(crate) fn QuarantineItem(item: Quarantined) -> AnyView {
    let envelope = &item.event.envelope;
    let (event_id, event) = (envelope.id, Arc::new(envelope.event.clone()));
    let (editing, discarding) = (RwSignal::new(false), RwSignal::new(false));
    let reason = texts::quarantine_reason(&item.reason, &event);
    let is_editable = can_edit(&event);
    view! {
        <article class="problem">
            <p class="problem__event">
                {event_text(&event)}" "
                <span class="waiting__at digits">{instant_text(use_ui(), envelope.at)}</span>
            </p>
            <p class="problem__reason">{reason}</p>
            <ShowIf when=move || editing.get()>
                <QuarantineForm event_id event=event.clone() editing/>
            </ShowIf>
            <ShowIf when=move || discarding.get()>
                <Confirm question=texts::DISCARD_QUESTION.to_owned()
                    yes=texts::DISCARD_YES
                    on_yes=move |()| dispatch(SyncIntent::DiscardQuarantined { event_id })
                    no=texts::DISCARD_NO on_no=move |()| discarding.set(false)/>
            </ShowIf>
            <ShowIf when=move || !editing.get() && !discarding.get()>
                <div class="buttons">
                    <button type="button" class="btn btn--plain"
                        on:click=move |_| dispatch(SyncIntent::RetryQuarantined { event_id })>
                        {texts::RETRY}
                    </button>
                    <ShowIf when=move || is_editable>
                        <button type="button" class="btn btn--plain"
                            on:click=move |_| editing.set(true)>{texts::EDIT}</button>
                    </ShowIf>
                    <button type="button" class="btn btn--danger"
                        on:click=move |_| discarding.set(true)>{texts::DISCARD}</button>
                    {export_button()}
                </div>
            </ShowIf>
        </article>
    }
    .into_any()
}
