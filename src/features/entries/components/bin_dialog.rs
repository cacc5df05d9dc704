//! The bin: deleted entries, each with a button that restores it.

use leptos::prelude::*;
use web_sys::MouseEvent;
use wizitime_domain::{EntryId, day_of};

use crate::browser::{self, clock::BrowserZone};
use crate::features::{EntryIntent, Intent, select_bin};
use crate::ui::context::{format_time, use_ui};
use crate::ui::intl::{DateParts, format_date};
use crate::ui::store::use_buffer;
use crate::ui::widgets::{Dialog, KeyedList, ShowIf};
use crate::ui::{dom, focus, texts};

/// The dialog.
#[component]
pub(crate) fn BinDialog() -> AnyView {
    let dialog = use_ui().dialog;
    // Every deletion and restoration goes through the buffer, also those of other devices. Most of
    // what does changes nothing here.
    let ids = Memo::new(|_| -> Vec<EntryId> {
        use_buffer(|state| select_bin(state).iter().map(|entry| entry.id).collect())
    });
    view! {
        <Dialog title=texts::BIN on_close=move |()| dialog.set(None)>
            <p class="dialog__lead">{texts::BIN_LEAD}</p>
            <ShowIf when=move || ids.with(Vec::is_empty)>
                <p class="dialog__lead">{texts::BIN_EMPTY}</p>
            </ShowIf>
            <ul class="bin"><KeyedList keys=move || ids.get() children=row/></ul>
        </Dialog>
    }
    .into_any()
}

fn row(entry_id: EntryId) -> AnyView {
    let entry = browser::with_core(|core| core.state().ledger.shown().entry(entry_id).cloned());
    let Some(entry) = entry else { return ().into_any() };
    let day = format_date(day_of(entry.started_at, &BrowserZone), DateParts::DayMonthYear);
    let end = entry.stop.map(|stop| format_time(stop.at)).unwrap_or_default();
    let when = texts::bin_when(&day, &format_time(entry.started_at), &end);
    let name = match &*entry.description {
        "" => texts::NO_DESCRIPTION.to_owned(),
        description => description.to_owned(),
    };
    let restore = move |event: MouseEvent| {
        dom::focus_next_item(&event);
        browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
        focus::settle();
    };
    view! {
        <li>
            <span class="bin__name" dir="auto">{name}</span>
            <span class="bin__when digits">{when}</span>
            // By its label the focus finds the same button of the next row.
            <button type="button" class="btn btn--plain" aria-label=texts::RESTORE
                on:click=restore>
                {texts::RESTORE}
            </button>
        </li>
    }
    .into_any()
}
