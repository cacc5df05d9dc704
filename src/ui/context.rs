//! The context that all components share: the time, what is open, and the draft of the next entry.

use leptos::prelude::*;
use wasm_bindgen::UnwrapThrowExt as _;
use wizitime_domain::{ProjectId, Settings, Timestamp, Weekday};

use super::clock::Clock;
use super::intl;
use super::store::{use_running_id, use_settings};
use crate::browser;
use crate::browser::clock::{BrowserZone, server_now};
use crate::features::{Intent, TimerIntent};
use crate::parse::{ClockStyle, InputCtx, clock_text};

/// The dialogs; at most one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialogKind {
    Sync,
    Account,
}

/// The shared context.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub clock: Clock,
    pub dialog: RwSignal<Option<DialogKind>>,
    pub manual_entry_open: RwSignal<bool>,
    /// The description of the next entry.
    pub description: RwSignal<String>,
    /// The project of the next entry.
    pub project_id: RwSignal<Option<ProjectId>>,
}

/// The id of the description field of the timer card.
pub(crate) const DESCRIPTION_ID: &str = "description";

/// The context. Components and event handlers can ask for it, other callbacks cannot.
pub(crate) fn use_ui() -> Ui {
    use_context().expect_throw("the app provides the context")
}

impl Ui {
    /// Creates the context and starts its clock.
    pub(crate) fn provide() -> Self {
        let ui = Self {
            clock: Clock::start(),
            dialog: RwSignal::new(None),
            manual_entry_open: RwSignal::new(false),
            description: RwSignal::new(String::new()),
            project_id: RwSignal::new(None),
        };
        provide_context(ui);
        ui
    }

    /// Starts the clock with the draft, which may be empty, or stops it.
    pub(crate) fn toggle_clock(self) {
        if untrack(use_running_id).is_some() {
            browser::dispatch(Intent::Timer(TimerIntent::Stop));
        } else {
            let description = self.description.get_untracked().trim().to_owned();
            self.start_clock(description, self.project_id.get_untracked());
        }
    }

    /// Starts the clock and clears the draft.
    pub(crate) fn start_clock(self, description: String, project_id: Option<ProjectId>) {
        self.description.set(String::new());
        self.project_id.set(None);
        browser::dispatch(Intent::Timer(TimerIntent::Start {
            description,
            project_id,
            started_at: None,
        }));
    }
}

/// A time of day in the user's style.
pub(crate) fn format_time(at: Timestamp) -> String {
    clock_text(at, &BrowserZone, clock_style())
}

/// Whether times of day have 24 or 12 hours.
pub(crate) fn clock_style() -> ClockStyle {
    match use_settings().clock_24h {
        Some(true) => ClockStyle::H24,
        Some(false) => ClockStyle::H12,
        None => intl::browser_clock_style(),
    }
}

/// The first day of a week. Settings cannot say that it was never set: until the user sets any of
/// them, it is that of the browser's language.
pub(crate) fn week_start() -> Weekday {
    let settings = use_settings();
    if settings == Settings::default() {
        intl::browser_week_start()
    } else {
        settings.week_start.weekday()
    }
}

/// What parsing a typed time depends on.
pub(crate) fn input_ctx() -> InputCtx<'static> {
    InputCtx { now: server_now(), zone: &BrowserZone, clock: untrack(clock_style) }
}
