//! What the components share: the time, what is open, and what the next start will be about.

use leptos::prelude::*;
use wizitime_domain::{ProjectId, Timestamp, Weekday};

use super::tick::Tick;
use super::view::Var;
use super::{intl, mirror};
use crate::browser;
use crate::browser::clock::{BrowserZone, server_now};
use crate::features::{Intent, TimerIntent};
use crate::fields::{ClockStyle, Place, clock_text};

/// The dialogs; one is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    Sync,
    Account,
    Keys,
}

/// What is open, and the drafts.
#[derive(Clone, Copy)]
pub(super) struct Ui {
    pub tick: Tick,
    pub panel: Var<Option<Panel>>,
    /// Whether the form for an entry by hand is open.
    pub manual: Var<bool>,
    /// What the next start of the clock will be about.
    pub description: Var<String>,
    pub project_id: Var<Option<ProjectId>>,
}

/// The element to put the cursor in with `/`.
pub(super) const WHAT_ID: &str = "what";

impl Ui {
    /// Nothing is open, and time goes by.
    pub(super) fn start() -> Self {
        Self {
            tick: Tick::start(),
            panel: Var::new(None),
            manual: Var::new(false),
            description: Var::new(String::new()),
            project_id: Var::new(None),
        }
    }

    /// Starts the clock with what is filled in, which may be nothing, or stops it.
    pub(super) fn toggle_clock(self) {
        if untrack(mirror::running_id).is_some() {
            browser::dispatch(Intent::Timer(TimerIntent::Stop));
        } else {
            let description = self.description.get_untracked().trim().to_owned();
            self.start_clock(description, self.project_id.get_untracked());
        }
    }

    /// Starts the clock; nothing is left of the draft.
    pub(super) fn start_clock(self, description: String, project_id: Option<ProjectId>) {
        self.description.set(String::new());
        self.project_id.set(None);
        browser::dispatch(Intent::Timer(TimerIntent::Start {
            description,
            project_id,
            started_at: None,
        }));
    }

    /// A time of day as text.
    pub(super) fn clock_text(self, at: Timestamp) -> String {
        clock_text(at, &BrowserZone, clock_style())
    }
}

/// How times of day are written.
pub(super) fn clock_style() -> ClockStyle {
    match mirror::settings().clock_24h {
        Some(true) => ClockStyle::H24,
        Some(false) => ClockStyle::H12,
        None => intl::browser_clock(),
    }
}

/// The day that weeks start on.
pub(super) fn week_start() -> Weekday {
    mirror::settings().week_start.weekday()
}

/// Where and when something is typed: here and now.
pub(super) fn here_and_now() -> Place<'static> {
    Place { now: server_now(), zone: &BrowserZone, clock: untrack(clock_style) }
}
