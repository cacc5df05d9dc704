//! The time that goes by: each second while a clock runs, else each minute. Only what shows a
//! running time reads it.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wizitime_domain::{Day, Timestamp, day_of};

use super::view::{Var, effect};
use super::{mirror, text};
use crate::browser::clock::{BrowserZone, server_now};
use crate::fields::hms_text;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;

thread_local! {
    /// The timer that is set; dropping it cancels it.
    static NEXT: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// The time as it goes by.
#[derive(Clone, Copy)]
pub(super) struct Tick {
    /// By the server's clock as far as it is known.
    pub now: Var<Timestamp>,
    pub today: Var<Day>,
}

impl Tick {
    /// Time goes by from here on.
    pub(super) fn start() -> Self {
        let now = server_now();
        let today = day_of(now, &BrowserZone);
        let tick = Self { now: Var::new(now), today: Var::new(today) };
        // A clock that starts, stops or is moved sets the pace anew.
        effect(move || tick.beat(mirror::running().map(|entry| entry.started_at)));
        effect(move || document().set_title(&tick.title()));
        tick
    }

    fn beat(self, started_at: Option<Timestamp>) {
        let now = server_now();
        self.now.set(now);
        let today = day_of(now, &BrowserZone);
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
        let wait_ms = match started_at {
            // Until the very moment at which the running time shows another second.
            Some(at) => SECOND_MS - now.since(at).as_ms().rem_euclid(SECOND_MS),
            None => MINUTE_MS - now.as_ms().rem_euclid(MINUTE_MS),
        };
        let wait_ms = u32::try_from(wait_ms).unwrap_or(1_000);
        NEXT.set(Some(Timeout::new(wait_ms, move || self.beat(started_at))));
    }

    fn title(self) -> String {
        let Some(entry) = mirror::running() else { return text::APP.to_owned() };
        let about = entry.description.trim();
        let about = if about.is_empty() { text::APP } else { about };
        format!("{} {about}", hms_text(entry.duration(self.now.get())))
    }
}
