//! The bin: deleted entries, each with a button that restores it.

use leptos::prelude::*;
use wizitime_domain::{TimeEntry, day_of};

use crate::browser::{self, clock::BrowserZone};
use crate::features::{EntryIntent, Intent, select_bin};
use crate::ui::context::{format_time, use_ui};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::use_buffer;
use crate::ui::widgets::Dialog;
use crate::ui::{focus, texts};

/// The dialog.
#[component]
pub(crate) fn BinDialog() -> AnyView {
    let dialog = use_ui().dialog;
    // Every deletion and restoration goes through the buffer, also those of other devices.
    let entries = || use_buffer(select_bin);
    let content = move || match entries() {
        entries if entries.is_empty() => {
            view! { <p class="dialog__lead">{texts::BIN_EMPTY}</p> }.into_any()
        }
        entries => {
            let rows: Vec<AnyView> = entries.iter().map(|entry| row(entry)).collect();
            view! { <ul class="bin">{rows}</ul> }.into_any()
        }
    };
    view! {
        <Dialog title=texts::BIN on_close=move |()| dialog.set(None)>
            <p class="dialog__lead">{texts::BIN_LEAD}</p>
            {move || content()}
        </Dialog>
    }
    .into_any()
}

fn row(entry: &TimeEntry) -> AnyView {
    let entry_id = entry.id;
    let day = format_date(day_of(entry.started_at, &BrowserZone), DateParts::DayMonthYear);
    let end = entry.stop.map(|stop| format_time(stop.at)).unwrap_or_default();
    let when = texts::bin_when(&day, &format_time(entry.started_at), &end);
    let name = match &*entry.description {
        "" => texts::NO_DESCRIPTION.to_owned(),
        description => description.to_owned(),
    };
    view! {
        <li>
            <span class="bin__name" dir="auto">{name}</span>
            <span class="bin__when digits">{when}</span>
            <button type="button" class="btn btn--plain"
                on:click=move |_| {
                    browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
                    focus::settle();
                }>
                {texts::RESTORE}
            </button>
        </li>
    }
    .into_any()
}
