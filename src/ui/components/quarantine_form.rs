//! Mending a change that was set aside: its text, its start, its end.

use leptos::ev;
use leptos::prelude::*;
use wizitime_domain::{DESCRIPTION_CHARS_MAX, Event, EventId, Timestamp, day_of};

use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::dispatchers::{Intent, QuarantineFix};
use crate::fields::{ClockStyle, clock_text, date_text, day_from_date_text, instant_at};
use crate::ui::text;

const MINUTE_MS: i64 = 60_000;

/// What of an event can be mended, as it is.
fn fields(event: &Event) -> QuarantineFix {
    let text = |text: &str| Some(text.to_owned());
    let named = |name: &Option<String>| QuarantineFix { text: name.clone(), ..Default::default() };
    match event {
        Event::StartClock(it) => QuarantineFix {
            text: text(&it.description),
            started_at: Some(it.started_at),
            stopped_at: None,
        },
        Event::StopClock(it) => {
            QuarantineFix { stopped_at: Some(it.stopped_at), ..Default::default() }
        }
        Event::CreateTimeEntry(it) => QuarantineFix {
            text: text(&it.description),
            started_at: Some(it.started_at),
            stopped_at: Some(it.stopped_at),
        },
        Event::UpdateTimeEntry(it) => QuarantineFix {
            text: it.changes.description.clone(),
            started_at: it.changes.started_at,
            stopped_at: it.changes.stopped_at,
        },
        Event::CreateProject(it) => named(&text(&it.name)),
        Event::CreateClient(it) => named(&text(&it.name)),
        Event::CreateTask(it) => named(&text(&it.name)),
        Event::CreateTag(it) => named(&text(&it.name)),
        Event::UpdateProject(it) => named(&it.changes.name),
        Event::UpdateClient(it) => named(&it.changes.name),
        Event::UpdateTask(it) => named(&it.changes.name),
        Event::UpdateTag(it) => named(&it.changes.name),
        Event::DeleteTimeEntry(_)
        | Event::RestoreTimeEntry(_)
        | Event::SplitTimeEntry(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => QuarantineFix::default(),
    }
}

/// Whether there is anything to mend in an event.
pub(super) fn can_edit(event: &Event) -> bool {
    fields(event) != QuarantineFix::default()
}

/// An instant as the value of a field for date and time.
fn to_value(at: Timestamp) -> String {
    let time = clock_text(at, &BrowserZone, ClockStyle::H24);
    format!("{}T{time}", date_text(day_of(at, &BrowserZone)))
}

/// The value of such a field as an instant; none while it is incomplete.
fn from_value(value: &str) -> Option<Timestamp> {
    let (date, time) = value.split_once('T')?;
    let day = day_from_date_text(date)?;
    let (hour, rest) = time.split_once(':')?;
    let minute = rest.get(..2)?;
    let minutes = hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?;
    Some(instant_at(day, minutes * MINUTE_MS, &BrowserZone))
}

/// The form; it closes itself when it is saved.
#[component]
pub(super) fn QuarantineForm(event_id: EventId, event: Event, editing: RwSignal<bool>) -> AnyView {
    let is_named = matches!(
        event.creates(),
        Some(key) if !matches!(key, wizitime_domain::EntityKey::TimeEntry(_))
    );
    let text_label = if is_named { text::NAME } else { text::DESCRIPTION };
    let fix = RwSignal::new(fields(&event));
    let shown = fix.get_untracked();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let fix = fix.get_untracked();
        editing.set(false);
        browser::dispatch(Intent::FixQuarantined { event_id, fix });
    };
    let text_field = shown.text.map(|old| {
        view! {
            <label class="labelled labelled--wide">
                {text_label}
                <input
                    type="text"
                    class="boxed"
                    maxlength=DESCRIPTION_CHARS_MAX
                    prop:value=old
                    on:input=move |event| {
                        fix.update(|fix| fix.text = Some(event_target_value(&event)));
                    }
                />
            </label>
        }
    });
    let start = shown.started_at.map(|at| {
        instant_field(text::STARTS, at, move |at| fix.update(|fix| fix.started_at = Some(at)))
    });
    let end = shown.stopped_at.map(|at| {
        instant_field(text::ENDS, at, move |at| fix.update(|fix| fix.stopped_at = Some(at)))
    });
    view! {
        <form class="problem__form" on:submit=submit>
            {text_field} {start} {end}
            <div class="buttons">
                <button type="submit" class="btn btn--primary">
                    {text::SAVE_AND_RETRY}
                </button>
                <button type="button" class="btn btn--quiet" on:click=move |_| editing.set(false)>
                    {text::CANCEL}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn instant_field(
    label: &'static str,
    at: Timestamp,
    take: impl Fn(Timestamp) + 'static,
) -> AnyView {
    let input = move |event: ev::Event| {
        if let Some(at) = from_value(&event_target_value(&event)) {
            take(at);
        }
    };
    view! {
        <label class="labelled">
            {label}
            <input
                type="datetime-local"
                class="boxed"
                required=true
                prop:value=to_value(at)
                on:input=input
            />
        </label>
    }
    .into_any()
}
