//! What every component can reach.

use std::sync::Arc;

use leptos::prelude::*;
use wizitime_domain::{Day, ProjectId, Timestamp, Weekday};

use super::intl;
use super::mirror::Mirror;
use super::tick::Tick;
use crate::browser;
use crate::browser::clock::{BrowserZone, corrected_now};
use crate::dispatchers::Intent;
use crate::fields::{ClockStyle, Place, clock_text};

/// The dialogs; one is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    Sync,
    Account,
    Keys,
}

/// The state as signals, the time, and what is open.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub mirror: Mirror,
    pub tick: Tick,
    pub panel: RwSignal<Option<Panel>>,
    /// Whether the form for an entry by hand is open.
    pub manual: RwSignal<bool>,
    pub draft: Draft,
    /// The days to show, latest first: those with entries, and today while a clock runs.
    pub days: Memo<Arc<[Day]>>,
}

/// What the next start of the clock will be about.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    pub description: RwSignal<String>,
    pub project_id: RwSignal<Option<ProjectId>>,
}

/// The element to put the cursor in with `/`.
pub(crate) const WHAT_ID: &str = "what";

impl Ui {
    /// Everything, following the client; provided to all components below.
    pub(super) fn provide() -> Self {
        let mirror = Mirror::start();
        let tick = Tick::start(mirror);
        let ui = Self {
            mirror,
            tick,
            days: Memo::new(move |_| shown_days(mirror, tick)),
            panel: RwSignal::new(None),
            manual: RwSignal::new(false),
            draft: Draft {
                description: RwSignal::new(String::new()),
                project_id: RwSignal::new(None),
            },
        };
        provide_context(ui);
        ui
    }

    /// Starts the clock with what is filled in, which may be nothing, or stops it.
    pub(super) fn toggle_clock(self) {
        if self.mirror.running_id.get_untracked().is_some() {
            browser::dispatch(Intent::StopClock);
        } else {
            let description = self.draft.description.get_untracked().trim().to_owned();
            let project_id = self.draft.project_id.get_untracked();
            self.start(description, project_id);
        }
    }

    /// Starts the clock; nothing is left of the draft.
    pub(super) fn start(self, description: String, project_id: Option<ProjectId>) {
        self.draft.description.set(String::new());
        self.draft.project_id.set(None);
        browser::dispatch(Intent::StartClock { description, project_id, started_at: None });
    }

    /// How times of day are written.
    pub(super) fn clock_style(self) -> ClockStyle {
        match self.mirror.settings.with(|it| it.clock_24h) {
            Some(true) => ClockStyle::H24,
            Some(false) => ClockStyle::H12,
            None => intl::browser_clock(),
        }
    }

    /// The day that weeks start on.
    pub(super) fn week_start(self) -> Weekday {
        self.mirror.settings.with(|it| it.week_start.weekday())
    }

    /// A time of day as text.
    pub(super) fn clock_text(self, at: Timestamp) -> String {
        clock_text(at, &BrowserZone, self.clock_style())
    }

    /// Where and when something is typed: here and now.
    pub(super) fn place(self) -> Place<'static> {
        Place { now: corrected_now(), zone: &BrowserZone, clock: untrack(|| self.clock_style()) }
    }
}

fn shown_days(mirror: Mirror, tick: Tick) -> Arc<[Day]> {
    let days = mirror.days.get();
    let today = tick.today.get();
    // A clock that was started on an earlier day is not among the entries of this one.
    if mirror.running_id.get().is_some() && days.binary_search_by(|it| today.cmp(it)).is_err() {
        let (later, earlier) = days.split_at(days.partition_point(|it| *it > today));
        return later.iter().chain([&today]).chain(earlier).copied().collect();
    }
    days
}

/// What every component can reach.
pub(crate) fn use_ui() -> Ui {
    expect_context::<Ui>()
}
