//! The time that goes by: one signal that moves each second while a clock runs, else each minute,
//! and the title of the page. Only texts that show a running time read it.

use std::cell::RefCell;
use std::sync::Arc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wizitime_domain::{Day, TimeEntry, Timestamp, day_of};

use super::mirror::Mirror;
use super::text;
use crate::browser::clock::{BrowserZone, corrected_now};
use crate::fields::hms_text;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;

thread_local! {
    /// The timer that is set; dropping it cancels it.
    static NEXT: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// The time as it goes by.
#[derive(Clone, Copy)]
pub(crate) struct Tick {
    /// By the server's clock as far as it is known.
    pub now: RwSignal<Timestamp>,
    pub today: RwSignal<Day>,
    running: RwSignal<Option<Arc<TimeEntry>>>,
}

impl Tick {
    /// Time goes by from here on.
    pub(super) fn start(mirror: Mirror) -> Self {
        let now = corrected_now();
        let tick = Self {
            now: RwSignal::new(now),
            today: RwSignal::new(day_of(now, &BrowserZone)),
            running: mirror.running,
        };
        // A clock that starts, stops or is moved sets the pace anew.
        Effect::new(move || {
            tick.running.track();
            tick.beat();
        });
        Effect::new(move || document().set_title(&tick.title()));
        tick
    }

    fn beat(self) {
        let now = corrected_now();
        self.now.set(now);
        let today = day_of(now, &BrowserZone);
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
        let started_at = self.running.with_untracked(|it| it.as_ref().map(|it| it.started_at));
        let wait_ms = match started_at {
            // At the very moment at which the running time shows another second.
            Some(at) => SECOND_MS - now.since(at).as_ms().rem_euclid(SECOND_MS),
            None => MINUTE_MS - now.as_ms().rem_euclid(MINUTE_MS),
        };
        let wait_ms = u32::try_from(wait_ms).unwrap_or(1_000);
        NEXT.set(Some(Timeout::new(wait_ms, move || self.beat())));
    }

    fn title(self) -> String {
        self.running.with(|running| match running {
            None => text::APP.to_owned(),
            Some(entry) => {
                let about = entry.description.trim();
                let about = if about.is_empty() { text::APP } else { about };
                format!("{} {about}", hms_text(entry.duration(self.now.get())))
            }
        })
    }
}
