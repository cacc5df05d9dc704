//! The context that all components share: the time, what is open, and the draft of the next entry.

use leptos::prelude::*;
use wasm_bindgen::UnwrapThrowExt as _;
use wizitime_domain::{EntryId, Settings, TimeEntryChanges, Timestamp, Weekday};

use super::clock::Clock;
use super::store::{use_entry, use_running_id, use_settings};
use super::{drafts, intl};
use crate::browser;
use crate::browser::account_link::AccountLink;
use crate::browser::clock::{BrowserZone, server_now};
use crate::features::drafts::{MAIN, MANUAL};
use crate::features::{EntryIntent, Intent, MainCommand, MainField, TimerIntent};
use crate::parse::{ClockStyle, InputCtx, clock_text};

/// The dialogs; at most one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialogKind {
    Sync,
    Account,
    Bin,
}

/// The shared context.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub clock: Clock,
    pub dialog: RwSignal<Option<DialogKind>>,
    /// The link that the account dialog is about.
    pub account_link: RwSignal<Option<AccountLink>>,
    pub manual_entry_open: RwSignal<bool>,
    /// The description field of the timer card, with the draft of the next entry. It is changed
    /// with [`Ui::change_main`], which stores it.
    pub main_field: RwSignal<MainField>,
}

/// The id of the description field of the timer card.
pub(crate) const DESCRIPTION_ID: &str = "description";

/// The id of the button that opens the form for manual entries.
pub(crate) const ADD_MANUALLY_ID: &str = "add-manually";

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
            account_link: RwSignal::new(None),
            manual_entry_open: RwSignal::new(false),
            main_field: RwSignal::new(MainField::default()),
        };
        provide_context(ui);
        ui
    }

    /// Shows the drafts that are stored, after they changed without a key of the user.
    pub(crate) fn restore_drafts(self) {
        let main = drafts::get(MAIN).map(|text| MainField::from_text(&text));
        self.main_field.set(main.unwrap_or_default());
        self.manual_entry_open.set(drafts::has(MANUAL));
    }

    /// Changes the description field and stores its draft.
    pub(crate) fn change_main(self, change: &mut dyn FnMut(&mut MainField)) {
        let mut field = self.main_field.get_untracked();
        change(&mut field);
        drafts::set(MAIN, field.to_text().as_deref());
        self.main_field.set(field);
    }

    /// Deletes an entry, and what is typed for it once that was accepted.
    pub(crate) fn delete(self, entry_id: EntryId) {
        if browser::try_dispatch(Intent::Entry(EntryIntent::Delete { entry_id })) {
            self.discard_drafts(entry_id);
        }
    }

    /// Discards what is typed for an entry, in any field.
    pub(crate) fn discard_drafts(self, entry_id: EntryId) {
        if self.main_field.with_untracked(|field| field.belongs_to(entry_id)) {
            self.change_main(&mut MainField::escape_main);
        }
        drafts::discard(&entry_id.to_string());
    }

    /// Starts the clock with the draft, which may be empty, or stops it.
    pub(crate) fn toggle_clock(self) {
        if untrack(use_running_id).is_some() {
            browser::dispatch(Intent::Timer(TimerIntent::Stop));
        } else {
            self.run(self.main_field.with_untracked(MainField::start_next));
        }
    }

    /// Carries out a command of the description field, and clears the draft if it was accepted.
    pub(crate) fn run(self, command: MainCommand) {
        match command {
            MainCommand::Start { description, project_id } => {
                let started_at = None;
                let intent = TimerIntent::Start { description, project_id, started_at };
                if browser::try_dispatch(Intent::Timer(intent)) {
                    self.change_main(&mut MainField::next_started);
                }
            }
            MainCommand::Describe { entry_id, description } => {
                let entry = untrack(|| use_entry(entry_id));
                let is_same = entry.is_some_and(|entry| entry.description == description);
                let description = Some(description);
                if is_same || edit(entry_id, TimeEntryChanges { description, ..<_>::default() }) {
                    self.change_main(&mut |field| field.described(entry_id));
                }
            }
        }
    }
}

/// Changes fields of an entry. Returns whether that was accepted; if not, a notice says why.
pub(crate) fn edit(entry_id: EntryId, changes: TimeEntryChanges) -> bool {
    let changes = Box::new(changes);
    browser::try_dispatch(Intent::Entry(EntryIntent::Edit { entry_id, changes }))
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
