//! The current time as signals: updated every second while a clock runs, else every minute. Only
//! what shows a running time reads them.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wizitime_domain::{Day, Timestamp, day_of};

use super::store::use_running;
use super::texts;
use crate::browser;
use crate::browser::clock::{BrowserZone, server_now};
use crate::browser::service_worker::{CHECK_INTERVAL_MS, check_for_update};
use crate::parse::{hms_text, isolated};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;

thread_local! {
    /// The pending timer; dropping it cancels it.
    static NEXT: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// The current time.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// By the server's clock as far as it is known.
    pub now: RwSignal<Timestamp>,
    pub today: RwSignal<Day>,
}

impl Clock {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        let now = server_now();
        let today = day_of(now, &BrowserZone);
        let clock = Self { now: RwSignal::new(now), today: RwSignal::new(today) };
        // A clock that starts, stops or is moved changes when the next update is due.
        Effect::new(move |_| clock.schedule(use_running().map(|entry| entry.started_at)));
        clock
    }

    fn schedule(self, started_at: Option<Timestamp>) {
        let now = server_now();
        let minute = |at: Timestamp| at.as_ms().div_euclid(MINUTE_MS);
        let is_new_minute = minute(now) != minute(self.now.get_untracked());
        self.now.set(now);
        if is_new_minute {
            browser::check_zone();
            check_for_update(CHECK_INTERVAL_MS);
        }
        let today = day_of(now, &BrowserZone);
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
        let wait_ms = match started_at {
            // Until the running time shows the next second.
            Some(at) => SECOND_MS - now.since(at).as_ms().rem_euclid(SECOND_MS),
            None => MINUTE_MS - now.as_ms().rem_euclid(MINUTE_MS),
        };
        let wait_ms = u32::try_from(wait_ms).unwrap_or(1_000);
        NEXT.set(Some(Timeout::new(wait_ms, move || self.schedule(started_at))));
    }

    /// The running time and what it is about, for the document's title; none if no clock runs.
    pub(crate) fn title(self) -> Option<String> {
        let entry = use_running()?;
        let about = entry.description.trim();
        let about = if about.is_empty() { texts::APP.to_owned() } else { isolated(about) };
        Some(format!("{} {about}", hms_text(entry.duration(self.now.get()))))
    }
}
