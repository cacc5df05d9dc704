//! The server's metrics, in Prometheus' text format.
//!
//! All labels are closed enums, so that clients cannot create label values and no label names a
//! user.

mod channel_gauge;
mod counters;
mod exposition;
mod histogram;
mod label;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wizitime_domain::Timestamp;
use wizitime_hub::{JobResult, PushKind};
use wizitime_protocol::messages::Reason;

use histogram::Histogram;
use label::{BatchOutcome, Labels2, ReplyStatus};

pub(crate) use channel_gauge::ChannelGauge;
pub(crate) use counters::Counters;
pub(crate) use exposition::{CONTENT_TYPE, Gauges};
pub(crate) use label::{ConnectionRefusal, DbErrorKind, Route, StatusClass};

/// The counters of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Timestamp,
    refusals: Counters<ConnectionRefusal>,
    requests: Counters<Labels2<Route, StatusClass>>,
    durations: Histogram,
    joined: Arc<AtomicU64>,
    events: AtomicU64,
    batches: Counters<BatchOutcome>,
    replies: Counters<ReplyStatus>,
}

impl Metrics {
    /// Metrics of a server that started at `started`.
    pub(crate) fn new(started: Timestamp) -> Self {
        Self {
            started,
            refusals: Counters::default(),
            requests: Counters::default(),
            durations: Histogram::default(),
            joined: Arc::default(),
            events: AtomicU64::new(0),
            batches: Counters::default(),
            replies: Counters::default(),
        }
    }

    /// Counts a connection that was closed, or answered with 503, because of a limit.
    pub(crate) fn record_refusal(&self, limit: ConnectionRefusal) {
        self.refusals.increment(limit);
    }

    /// Counts a handled request.
    pub(crate) fn record_request(&self, route: Route, status: StatusClass, elapsed: Duration) {
        self.requests.increment(Labels2(route, status));
        self.durations.observe(elapsed);
    }

    /// Counts a reply to a push. `error` is the reason of an error reply.
    pub(crate) fn record_reply(&self, push: PushKind, error: Option<Reason>) {
        self.replies.increment(error.map_or(ReplyStatus::Ok, |_| ReplyStatus::Error));
        match push {
            PushKind::BulkEvent => self.batches.increment(BatchOutcome::of(error)),
            PushKind::GetLatestTimeEntries | PushKind::Ping | PushKind::Unknown => (),
        }
    }

    /// Counts the events that a finished job appended.
    pub(crate) fn record_job(&self, result: &JobResult) {
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

    /// The gauge of one connection's joined channels.
    pub(crate) fn channel_gauge(&self) -> ChannelGauge {
        ChannelGauge::new(Arc::clone(&self.joined))
    }
}
