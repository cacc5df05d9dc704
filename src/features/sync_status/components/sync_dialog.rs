//! The sync dialog: the connection, the waiting events, the quarantine.

use leptos::prelude::*;
use wizitime_domain::EventId;

use super::quarantine_item::QuarantineItem;
use super::sync_details::{connection_text, event_text, instant_text};
use crate::browser;
use crate::features::{Intent, SyncIntent};
use crate::ui::context::{DialogKind, use_ui};
use crate::ui::store::{use_buffer, use_session, use_status};
use crate::ui::texts;
use crate::ui::widgets::{Dialog, KeyedList, ShowIf};

/// Waiting events that are listed one by one.
const LISTED_MAX: usize = 20;

/// The dialog.
#[component]
pub(crate) fn SyncDialog() -> AnyView {
    let dialog = use_ui().dialog;
    view! {
        <Dialog title=texts::SYNC on_close=move |()| dialog.set(None)>
            <Summary/>
            <Quarantine/>
            <WaitingEvents/>
            <OtherFacts/>
            <Actions/>
        </Dialog>
    }
    .into_any()
}

/// A sentence about the status, the connection, and the last error.
#[component]
fn Summary() -> AnyView {
    let last_error = || match texts::sync_error(&use_status().error) {
        Some(error) => view! { <dt>{texts::LAST_ERROR}</dt><dd>{error}</dd> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <div class="form">
            <p class="dialog__lead">{move || texts::badge_explanation(use_status().badge)}</p>
            <dl class="facts">
                <dt>{texts::CONNECTION}</dt>
                <dd>{move || connection_text(&use_status())}</dd>
                {move || last_error()}
            </dl>
        </div>
    }
    .into_any()
}

/// The quarantined events.
#[component]
fn Quarantine() -> AnyView {
    let has_quarantined = || use_status().quarantined > 0;
    let ids = || -> Vec<EventId> {
        use_buffer(|it| it.events.quarantined().map(|it| it.event.envelope.id).collect())
    };
    let item = |id| match use_buffer(|it| it.events.find_quarantined(id)) {
        Some(item) => view! { <QuarantineItem item/> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <ShowIf when=has_quarantined>
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{texts::QUARANTINE_TITLE}</h3>
                <KeyedList keys=ids children=item/>
            </section>
        </ShowIf>
    }
    .into_any()
}

/// The events that wait to be sent.
#[component]
fn WaitingEvents() -> AnyView {
    let has_waiting = || use_status().waiting > 0;
    view! {
        <ShowIf when=has_waiting>
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{waiting_title()}</h3>
                <p class="dialog__lead">{move || waiting_since()}</p>
                <ul class="waiting">{move || waiting_lines().into_any()}</ul>
                <p class="dialog__lead">{move || {
                    let more = use_status().waiting.saturating_sub(LISTED_MAX);
                    if more > 0 { texts::and_more(more) } else { String::new() }
                }}</p>
            </section>
        </ShowIf>
    }
    .into_any()
}

fn waiting_title() -> &'static str {
    let is_guest = use_session(|it| it.account().is_none());
    if is_guest { texts::WAITING_TITLE_GUEST } else { texts::WAITING_TITLE }
}

fn waiting_since() -> String {
    let (ui, status) = (use_ui(), use_status());
    let since = status.waiting_since.map(|at| instant_text(ui, at)).unwrap_or_default();
    texts::waiting_since(status.waiting, &since)
}

fn waiting_lines() -> Vec<AnyView> {
    let ui = use_ui();
    let waiting: Vec<_> = use_buffer(|it| {
        let waiting = it.events.waiting().take(LISTED_MAX);
        waiting.map(|it| (it.envelope.event.clone(), it.envelope.at)).collect()
    });
    let line = |(event, at)| {
        view! {
            <li>
                <span class="waiting__event">{event_text(&event)}</span>
                <span class="waiting__at digits">{instant_text(ui, at)}</span>
            </li>
        }
        .into_any()
    };
    waiting.into_iter().map(line).collect()
}

/// What else is on this device.
#[component]
fn OtherFacts() -> AnyView {
    let facts = || {
        let status = use_status();
        let counted = |count, text: fn(usize) -> String| (count > 0).then(|| text(count));
        let facts = [
            (!status.crash_safe).then(|| texts::NOT_CRASH_SAFE.to_owned()),
            counted(status.corrupt, texts::corrupt),
            counted(status.newer, texts::newer),
            counted(status.foreign, texts::foreign),
            counted(status.superseded, texts::superseded),
        ];
        let facts: Vec<AnyView> =
            facts.into_iter().flatten().map(|fact| view! { <li>{fact}</li> }.into_any()).collect();
        if facts.is_empty() {
            return ().into_any();
        }
        view! {
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{texts::OTHER_FACTS_TITLE}</h3>
                <ul class="dialog__lead">{facts}</ul>
            </section>
        }
        .into_any()
    };
    view! { {move || facts()} }.into_any()
}

/// What the user can do.
#[component]
fn Actions() -> AnyView {
    let dialog = use_ui().dialog;
    let has_unsynced = || {
        let it = use_status();
        it.waiting + it.quarantined + it.corrupt + it.foreign > 0
    };
    let first = move || {
        if use_session(|it| it.active().is_some()) {
            view! {
                <button type="button" class="btn btn--primary"
                    on:click=|_| browser::dispatch(Intent::Sync(SyncIntent::SyncNow))>
                    {texts::SYNC_NOW}
                </button>
            }
            .into_any()
        } else {
            view! {
                <button type="button" class="btn btn--primary"
                    on:click=move |_| dialog.set(Some(DialogKind::Account))>
                    {texts::SIGN_IN}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <div class="buttons">
            {move || first()}
            <ShowIf when=has_unsynced>{export_button()}</ShowIf>
        </div>
    }
    .into_any()
}

/// The button that saves everything that is not on the server as a file.
pub(crate) fn export_button() -> AnyView {
    view! {
        <button type="button" class="btn btn--plain"
            on:click=|_| browser::dispatch(Intent::Sync(SyncIntent::ExportUnsynced))>
            {texts::EXPORT}
        </button>
    }
    .into_any()
}
