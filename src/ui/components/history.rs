//! Entries by day, the latest days first; older ones on demand.

use leptos::prelude::*;

use super::day_section::DaySection;
use super::empty_state::EmptyState;
use crate::ui::context::use_ui;
use crate::ui::text;

/// Days with entries that are shown at first.
const DAYS_AT_FIRST: usize = 14;
/// Days that "Show more" adds.
const DAYS_MORE: usize = 28;

/// The history.
#[component]
pub(super) fn History() -> AnyView {
    let ui = use_ui();
    let limit = RwSignal::new(DAYS_AT_FIRST);
    let days = move || {
        let limit = limit.get();
        ui.days.with(|days| days.iter().take(limit).copied().collect::<Vec<_>>())
    };
    let more = move || ui.days.with(|days| days.len() > limit.get());
    let empty = move || ui.days.with(|days| days.is_empty());
    view! {
        <section class="history" aria-label=text::ENTRIES>
            <For each=days key=|day| *day let(day)>
                <DaySection day=day />
            </For>
            <Show when=empty>
                <EmptyState />
            </Show>
            <Show when=more>
                <button
                    type="button"
                    class="btn btn--plain more"
                    on:click=move |_| limit.update(|limit| *limit += DAYS_MORE)
                >
                    {text::SHOW_MORE}
                </button>
            </Show>
        </section>
    }
    .into_any()
}
