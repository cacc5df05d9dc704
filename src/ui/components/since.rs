//! When the running clock started, as a field, and how long ago that is.

use leptos::prelude::*;
use wizitime_domain::{DurationMs, TimeEntryChanges, day_of};

use super::read_field::{ReadField, Typed};
use super::time_texts::read_start;
use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::dispatchers::Intent;
use crate::fields::{StartField, Until};
use crate::ui::context::use_ui;
use crate::ui::text;

const MINUTE_MS: i64 = 60_000;

/// `Started [09:12] 42 min ago`.
#[component]
pub(super) fn Since() -> AnyView {
    let ui = use_ui();
    let started_at = move || ui.mirror.running.with(|it| it.as_ref().map(|it| it.started_at));
    let shown =
        Signal::derive(move || started_at().map(|at| ui.clock_text(at)).unwrap_or_default());
    // Whole minutes, so that the words are written once a minute.
    let minutes_ago = Memo::new(move |_| {
        started_at().map(|at| ui.tick.now.get().since(at).as_ms().div_euclid(MINUTE_MS))
    });
    let ago = move || text::ago(DurationMs::from_minutes(minutes_ago.get().unwrap_or(0)));
    let take = Callback::new(move |typed: Typed| {
        let Some(entry) = ui.mirror.running.get_untracked() else { return Ok(()) };
        let was = entry.started_at;
        let day = day_of(was, &BrowserZone);
        let field = StartField { day, was: Some(was), until: Until::Now };
        let started_at = read_start(ui, field, &typed)?;
        let changes = TimeEntryChanges { started_at: Some(started_at), ..Default::default() };
        let changes = Box::new(changes);
        browser::dispatch(Intent::EditEntry { entry_id: entry.id, changes });
        Ok(())
    });
    view! {
        <div class="timer__since digits">
            {text::STARTED}
            <ReadField
                label=text::STARTED_AT
                class="field__input field__input--time"
                placeholder=text::TIME_EXAMPLE
                shown=shown
                take=take
            />
            <span>{ago}</span>
        </div>
    }
    .into_any()
}
