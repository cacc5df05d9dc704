//! How syncing stands, at length: the connection, what waits and since when, what needs the
//! person.

use leptos::prelude::*;
use wizitime_domain::{Event, Timestamp, day_of};

use super::dialog::Dialog;
use super::quarantine_item::QuarantineItem;
use crate::browser;
use crate::browser::clock::BrowserZone;
use crate::dispatchers::Intent;
use crate::selectors::{Attention, SyncStatus};
use crate::store::slices::events::Quarantined;
use crate::ui::context::{Panel, Ui, use_ui};
use crate::ui::intl::{DateParts, date_words};
use crate::ui::text;

/// Waiting events that are listed one by one.
const LISTED_MAX: usize = 20;

/// An event in plain words with what it is about.
pub(super) fn event_words(event: &Event) -> String {
    let about = browser::with_client(|client| {
        let entry = |id| {
            let ledger = client.state().ledger.shown();
            ledger.entry(id).map(|it| it.description.clone()).unwrap_or_default()
        };
        match event {
            Event::StartClock(it) => it.description.clone(),
            Event::StopClock(it) => entry(it.time_entry_id),
            Event::CreateTimeEntry(it) => it.description.clone(),
            Event::UpdateTimeEntry(it) => {
                it.changes.description.clone().unwrap_or_else(|| entry(it.time_entry_id))
            }
            Event::DeleteTimeEntry(it) | Event::RestoreTimeEntry(it) => entry(it.time_entry_id),
            Event::SplitTimeEntry(it) => entry(it.time_entry_id),
            Event::CreateProject(it) => it.name.clone(),
            Event::CreateClient(it) => it.name.clone(),
            Event::CreateTask(it) => it.name.clone(),
            Event::CreateTag(it) => it.name.clone(),
            Event::UpdateProject(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateClient(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateTask(it) => it.changes.name.clone().unwrap_or_default(),
            Event::UpdateTag(it) => it.changes.name.clone().unwrap_or_default(),
            Event::ArchiveProject(_)
            | Event::RestoreProject(_)
            | Event::ArchiveClient(_)
            | Event::RestoreClient(_)
            | Event::ArchiveTask(_)
            | Event::RestoreTask(_)
            | Event::ArchiveTag(_)
            | Event::RestoreTag(_)
            | Event::UpdateSettings(_) => String::new(),
        }
    });
    text::event_about(text::event(event), &about)
}

/// An instant as `14:05`, with its date if that is another day.
pub(super) fn when(ui: Ui, at: Timestamp) -> String {
    let (day, time) = (day_of(at, &BrowserZone), ui.clock_text(at));
    if day == ui.tick.today.get() {
        time
    } else {
        format!("{}, {time}", date_words(day, DateParts::Short))
    }
}

/// The dialog.
#[component]
pub(super) fn SyncDialog() -> AnyView {
    view! {
        <Dialog panel=Panel::Sync id="sync-dialog" title=text::SYNC>
            <State />
            <NeedsYou />
            <Waiting />
            <Also />
            <Buttons />
        </Dialog>
    }
    .into_any()
}

/// The sentence, the connection and the last problem.
#[component]
fn State() -> AnyView {
    let ui = use_ui();
    let status = ui.mirror.status;
    let connection = move || status.with(connection);
    let problem = move || {
        let problem = status.with(|it| text::problem(&it.problem))?;
        Some(view! {
            <dt>{text::LAST_PROBLEM}</dt>
            <dd>{problem}</dd>
        })
    };
    view! {
        <p class="dialog__lead">{move || text::explained(status.with(|it| it.attention))}</p>
        <dl class="facts">
            <dt>{text::CONNECTION}</dt>
            <dd>{connection}</dd>
            {problem}
        </dl>
    }
    .into_any()
}

fn connection(status: &SyncStatus) -> String {
    match status.attention {
        Attention::Guest => text::NOT_NEEDED.to_owned(),
        Attention::SignIn { .. } => text::SIGN_IN_TO_SYNC.to_owned(),
        Attention::NotSaved { .. }
        | Attention::NeedsYou { .. }
        | Attention::Waiting { .. }
        | Attention::Syncing { .. }
        | Attention::Offline
        | Attention::Saved => {
            if status.joined {
                text::CONNECTED.to_owned()
            } else if status.offline {
                text::NO_NETWORK.to_owned()
            } else if status.never_opened > 1 {
                text::never_opened(status.never_opened)
            } else {
                text::CONNECTING.to_owned()
            }
        }
    }
}

/// Changes that were set aside.
#[component]
fn NeedsYou() -> AnyView {
    let ui = use_ui();
    let items = Memo::new(move |_| {
        ui.mirror.buffer_changed.track();
        browser::with_client(|client| {
            client.state().events.quarantined().cloned().collect::<Vec<Quarantined>>()
        })
    });
    let list = move || {
        view! {
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{text::NEEDS_YOU_TITLE}</h3>
                <For each=move || items.get() key=|it| it.record.envelope.id let(item)>
                    <QuarantineItem item=item />
                </For>
            </section>
        }
        .into_any()
    };
    view! { <Show when=move || items.with(|it| !it.is_empty())>{list()}</Show> }.into_any()
}

/// What waits to be sent.
#[component]
fn Waiting() -> AnyView {
    let ui = use_ui();
    // What, and when.
    let items = Memo::new(move |_| {
        ui.mirror.buffer_changed.track();
        browser::with_client(|client| {
            let waiting = client.state().events.waiting().take(LISTED_MAX);
            waiting.map(|it| it.envelope.clone()).collect::<Vec<_>>()
        })
    });
    let count = move || ui.mirror.status.with(|it| it.waiting);
    let since = move || {
        let since = ui.mirror.status.with(|it| it.waiting_since);
        since.map(|since| text::waiting_since(count(), &when(ui, since)))
    };
    let lines = move || {
        let line = |it: wizitime_domain::Envelope| {
            view! {
                <li>
                    <span class="waiting__what">{event_words(&it.event)}</span>
                    <span class="waiting__when digits">{when(ui, it.at)}</span>
                </li>
            }
        };
        items.get().into_iter().map(line).collect_view()
    };
    let more = move || {
        let more = count().checked_sub(LISTED_MAX).filter(|more| *more > 0)?;
        Some(view! { <p class="dialog__lead">{text::and_more(more)}</p> })
    };
    let title = move || match ui.mirror.session.with(|it| it.account().is_none()) {
        true => text::WAITING_TITLE_GUEST,
        false => text::WAITING_TITLE,
    };
    let list = move || {
        view! {
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{title}</h3>
                <p class="dialog__lead">{since}</p>
                <ul class="waiting">{lines}</ul>
                {more}
            </section>
        }
        .into_any()
    };
    view! { <Show when=move || { count() > 0 }>{list()}</Show> }.into_any()
}

/// What else lies on this device.
#[component]
fn Also() -> AnyView {
    let ui = use_ui();
    let lines = Memo::new(move |_| {
        ui.mirror.status.with(|it| {
            let some = |count: usize, words: fn(usize) -> String| (count > 0).then(|| words(count));
            let all = [
                some(it.damaged, text::damaged),
                some(it.newer, text::newer),
                some(it.foreign, text::foreign),
                some(it.superseded, text::superseded),
            ];
            all.into_iter().flatten().collect::<Vec<_>>()
        })
    });
    let list = move || {
        let lines = lines.get().into_iter().map(|it| view! { <li>{it}</li> }).collect_view();
        view! {
            <section class="dialog__section">
                <h3 class="dialog__subtitle">{text::ALSO_TITLE}</h3>
                <ul class="dialog__lead">{lines}</ul>
            </section>
        }
        .into_any()
    };
    view! { <Show when=move || lines.with(|it| !it.is_empty())>{list()}</Show> }.into_any()
}

/// What can be done about it.
#[component]
fn Buttons() -> AnyView {
    let ui = use_ui();
    let signed_out = move || {
        let attention = ui.mirror.status.with(|it| it.attention);
        ui.mirror.session.with(|it| it.active().is_none())
            || matches!(attention, Attention::SignIn { .. } | Attention::Guest)
    };
    let unsynced = move || {
        ui.mirror.status.with(|it| it.waiting + it.quarantined + it.damaged + it.foreign > 0)
    };
    view! {
        <div class="buttons">
            <Show
                when=signed_out
                fallback=|| {
                    view! {
                        <button
                            type="button"
                            class="btn btn--primary"
                            on:click=|_| browser::dispatch(Intent::SyncNow)
                        >
                            {text::SYNC_NOW}
                        </button>
                    }
                }
            >
                <button
                    type="button"
                    class="btn btn--primary"
                    on:click=move |_| ui.panel.set(Some(Panel::Account))
                >
                    {text::SIGN_IN}
                </button>
            </Show>
            <Show when=unsynced>
                <button
                    type="button"
                    class="btn btn--plain"
                    on:click=|_| browser::dispatch(Intent::ExportUnsynced)
                >
                    {text::EXPORT}
                </button>
            </Show>
        </div>
    }
    .into_any()
}
