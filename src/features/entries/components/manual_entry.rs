//! The form that adds an entry manually.

use leptos::prelude::*;
use web_sys::SubmitEvent;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, Timestamp};

use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::features::drafts::{DraftPlace, MANUAL};
use crate::features::projects::components::{ProjectChoice, ProjectPicker};
use crate::features::{DraftMessage, Intent, ManualDraft};
use crate::parse::{date_text, hms_text};
use crate::ui::context::{ADD_MANUALLY_ID, format_time, input_ctx, use_ui};
use crate::ui::dom::{self, focus_on_mount};
use crate::ui::widgets::{
    Labelled, ParsedField, Submitted, Titled, ValidationError, duration_error, time_error,
};
use crate::ui::{drafts, texts};

/// Changes the draft and stores it.
fn update(draft: RwSignal<ManualDraft>, change: impl FnOnce(&mut ManualDraft)) {
    draft.update(change);
    drafts::set(MANUAL, draft.with_untracked(ManualDraft::to_text).as_deref());
}

/// Changes a copy of the draft, and keeps it only if that succeeds.
fn try_update<E>(
    draft: RwSignal<ManualDraft>,
    change: impl FnOnce(&mut ManualDraft) -> Result<(), E>,
    explain: impl FnOnce(E) -> ValidationError,
) -> Result<(), ValidationError> {
    let mut changed = draft.get_untracked();
    change(&mut changed).map_err(explain)?;
    update(draft, |draft| *draft = changed);
    Ok(())
}

fn message_text(message: DraftMessage) -> String {
    match message {
        DraftMessage::Day(error) => texts::date_error(error).to_owned(),
        DraftMessage::NeedsStart => texts::NEEDS_START.to_owned(),
        DraftMessage::NeedsEnd => texts::NEEDS_END.to_owned(),
        DraftMessage::SkippedHour { shifted } => texts::skipped_on_new_day(&format_time(shifted)),
    }
}

/// The form. Escape closes it and keeps what is filled in; Cancel discards that.
#[component]
pub(crate) fn ManualEntry() -> AnyView {
    let ui = use_ui();
    let open = ui.manual_entry_open;
    let today = ui.clock.today.get_untracked();
    let stored = drafts::get(MANUAL);
    let draft = RwSignal::new(stored.map_or_else(
        || ManualDraft::new(today),
        |text| ManualDraft::from_text(&text, today, &BrowserZone),
    ));
    let hide = move || {
        open.set(false);
        dom::focus(ADD_MANUALLY_ID);
    };
    let close = move || {
        hide();
        drafts::discard(MANUAL);
    };
    let save = move |event: &SubmitEvent| {
        // A field that says what is wrong with its text says enough.
        if dom::focus_invalid_field(event) {
            return draft.update(|draft| draft.message = None);
        }
        match draft.with_untracked(ManualDraft::intent) {
            Ok(intent) => {
                if browser::try_dispatch(Intent::Entry(intent)) {
                    close();
                }
            }
            Err(message) => draft.update(|draft| draft.message = Some(message)),
        }
    };
    let message = move || match draft.with(|draft| draft.message) {
        Some(message) => {
            view! { <p class="form__error" role="alert">{message_text(message)}</p> }.into_any()
        }
        None => ().into_any(),
    };
    view! {
        <form class="manual" aria-label=texts::ADD_MANUALLY novalidate
            on:submit=move |event| {
                event.prevent_default();
                save(&event);
            }
            // What is typed may resolve what the message says.
            on:input=move |_| {
                if draft.with_untracked(|draft| draft.message.is_some()) {
                    draft.update(|draft| draft.message = None);
                }
            }
            on:keydown=move |event| {
                if event.key() == "Escape" && !dom::is_composing(&event) {
                    event.prevent_default();
                    hide();
                }
            }>
            <div class="manual__fields">
                <Labelled label=texts::DESCRIPTION class="labelled manual__wide">
                    <input class="boxed" type="text" dir="auto"
                        maxlength=DESCRIPTION_CHARS_MAX.to_string()
                        autocomplete="off" use:focus_on_mount
                        prop:value=move || draft.with(|draft| draft.description.clone())
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            update(draft, |draft| draft.description = text);
                        }/>
                </Labelled>
                <Titled label=texts::PROJECT>
                    <ProjectPicker project_id=move || draft.with(|draft| draft.project_id)
                        on_choose=move |choice: ProjectChoice| {
                            let project_id = choice.resolve();
                            update(draft, |draft| draft.project_id = project_id);
                        }/>
                </Titled>
                <TimeFields draft/>
            </div>
            {move || message()}
            <div class="buttons">
                <button type="submit" class="btn btn--primary">{texts::SAVE_ENTRY}</button>
                <button type="button" class="btn btn--quiet" on:click=move |_| close()>
                    {texts::CANCEL}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Day, start, end and duration.
#[component]
fn TimeFields(draft: RwSignal<ManualDraft>) -> AnyView {
    let text = |at: Option<Timestamp>| at.map(format_time).unwrap_or_default();
    // Set only when it changes: anything else would take back a year that is typed halfway.
    let day = Memo::new(move |_| draft.with(ManualDraft::day));
    view! {
        <Labelled label=texts::DAY>
            <input class="boxed" type="date"
                prop:value=move || date_text(day.get())
                on:change=move |event| {
                    let date = event_target_value(&event);
                    update(draft, |draft| draft.set_day(&date, &BrowserZone));
                }/>
        </Labelled>
        <Titled label=texts::START_TIME>
            <ParsedField label=texts::START_TIME class="boxed digits"
                placeholder=texts::TIME_EXAMPLE
                value=move || text(draft.with(ManualDraft::start))
                place=DraftPlace::manual("start")
                on_submit=move |input: Submitted| {
                    let Submitted { text, confirmed } = &input;
                    let set = |it: &mut ManualDraft| it.set_start(text, *confirmed, input_ctx());
                    try_update(draft, set, |error| time_error(error, day.get_untracked()))
                }/>
        </Titled>
        <Titled label=texts::END_TIME>
            <ParsedField label=texts::END_TIME class="boxed digits"
                placeholder=texts::TIME_EXAMPLE
                value=move || text(draft.with(ManualDraft::end))
                place=DraftPlace::manual("end")
                on_submit=move |input: Submitted| {
                    let Submitted { text, confirmed } = &input;
                    let set = |it: &mut ManualDraft| it.set_end(text, *confirmed, input_ctx());
                    try_update(draft, set, |error| time_error(error, day.get_untracked()))
                }/>
        </Titled>
        <Titled label=texts::DURATION>
            <ParsedField label=texts::DURATION class="boxed digits"
                placeholder=texts::DURATION_EXAMPLE
                value=move || draft.with(ManualDraft::duration).map(hms_text).unwrap_or_default()
                place=DraftPlace::manual("duration")
                on_submit=move |input: Submitted| {
                    let Submitted { text, confirmed } = &input;
                    let set = |it: &mut ManualDraft| it.set_duration(text, *confirmed, input_ctx());
                    try_update(draft, set, duration_error)
                }/>
        </Titled>
    }
    .into_any()
}
