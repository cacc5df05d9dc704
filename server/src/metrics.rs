//! The figures of the server, as Prometheus reads them: `GET /metrics`.
//!
//! Whatever is told apart is told apart by closed enums, so that nobody outside can make up names,
//! and the figures say nothing about anybody.

mod counters;
mod histogram;
mod joined;
mod label;
mod page;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use wizitime_domain::Timestamp;
use wizitime_hub::{JobResult, PushKind};
use wizitime_protocol::messages::Reason;

use crate::app::App;
use histogram::Histogram;
use label::{By, Outcome, Reply};

pub(crate) use counters::Counters;
pub(crate) use joined::Joined;
pub(crate) use label::{Route, StatusClass, Trouble};

/// The format's content type.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is counted as it happens.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Timestamp,
    requests: Counters<By<Route, StatusClass>>,
    durations: Histogram,
    joined: AtomicU64,
    events: AtomicU64,
    batches: Counters<Outcome>,
    replies: Counters<Reply>,
}

impl Metrics {
    /// Nothing has happened yet.
    pub(crate) fn since(started: Timestamp) -> Self {
        Self {
            started,
            requests: Counters::default(),
            durations: Histogram::default(),
            joined: AtomicU64::new(0),
            events: AtomicU64::new(0),
            batches: Counters::default(),
            replies: Counters::default(),
        }
    }

    /// A request was answered.
    pub(crate) fn request(&self, route: Route, status: StatusClass, took: Duration) {
        self.requests.add(By(route, status));
        self.durations.add(took);
    }

    /// A push was answered.
    pub(crate) fn answered(&self, what: PushKind, refusal: Option<Reason>) {
        self.replies.add(refusal.map_or(Reply::Ok, |_| Reply::Error));
        match what {
            PushKind::BulkEvent => self.batches.add(Outcome::of(refusal)),
            PushKind::GetLatestTimeEntries | PushKind::Ping | PushKind::Unknown => (),
        }
    }

    /// A job of a socket is done.
    pub(crate) fn finished(&self, result: &JobResult) {
        match result {
            JobResult::Appended(Ok(commit)) => {
                let events = u64::try_from(commit.accepted.len()).unwrap_or(u64::MAX);
                self.events.fetch_add(events, Ordering::Relaxed);
            }
            JobResult::Appended(Err(_))
            | JobResult::Head(_)
            | JobResult::ChangesPage(_)
            | JobResult::Failed(_) => (),
        }
    }
}

/// Shows all figures.
pub(crate) async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page::write(&app))
}
