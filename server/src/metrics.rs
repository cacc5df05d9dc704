//! The server's metrics.
//!
//! All labels are closed enums, so that clients cannot create label values and no label names a
//! user.

mod channel_gauge;
mod counters;
mod durations;
mod exposition;
mod label;

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use wizitime_domain::Timestamp;
use wizitime_hub::{JobResult, PushKind};
use wizitime_protocol::messages::Reason;

use durations::Durations;
use exposition::ScrapedGauges;
use label::{BatchOutcome, Labels2, ReplyStatus};

pub(crate) use channel_gauge::ChannelGauge;
pub(crate) use counters::Counters;
pub(crate) use exposition::{CONTENT_TYPE, Gauges};
pub(crate) use label::{
    ConnectionRefusal, DbErrorKind, MailOutcome, MessageKind, Route, StatusClass,
};

/// The metrics of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    started: Timestamp,
    scraped: ScrapedGauges,
    refusals: Counters<ConnectionRefusal>,
    requests: Counters<Labels2<Route, StatusClass>>,
    request_durations: Durations<Route>,
    message_durations: Durations<MessageKind>,
    joined: Gauge,
    events: Counter,
    batches: Counters<BatchOutcome>,
    replies: Counters<ReplyStatus>,
    mails: Counters<MailOutcome>,
}

impl Metrics {
    /// Metrics of a server that started at `started`, with the errors of its database.
    pub(crate) fn new(started: Timestamp, db_errors: &Counters<DbErrorKind>) -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            started,
            scraped: ScrapedGauges::default(),
            refusals: Counters::default(),
            requests: Counters::default(),
            request_durations: Durations::default(),
            message_durations: Durations::default(),
            joined: Gauge::default(),
            events: Counter::default(),
            batches: Counters::default(),
            replies: Counters::default(),
            mails: Counters::default(),
        };
        metrics.register(db_errors);
        metrics
    }

    /// Counts a connection that was closed, or answered with 503, because of a limit.
    pub(crate) fn record_refusal(&self, limit: ConnectionRefusal) {
        self.refusals.increment(limit);
    }

    /// Counts what became of a mail, or of an attempt to send it.
    pub(crate) fn record_mail(&self, outcome: MailOutcome) {
        self.mails.increment(outcome);
    }

    /// Counts a handled request.
    pub(crate) fn record_request(&self, route: Route, status: StatusClass, elapsed: Duration) {
        self.requests.increment(Labels2(route, status));
        self.request_durations.observe(route, elapsed);
    }

    /// Counts a reply to a push. `error` is the reason of an error reply.
    pub(crate) fn record_reply(&self, push: PushKind, error: Option<Reason>) {
        self.replies.increment(error.map_or(ReplyStatus::Ok, |_| ReplyStatus::Error));
        match push {
            PushKind::BulkEvent => self.batches.increment(BatchOutcome::of(error)),
            PushKind::GetLatestTimeEntries | PushKind::Ping | PushKind::Unknown => (),
        }
    }

    /// Counts a finished job of a message, and the events that it appended.
    pub(crate) fn record_job(&self, message: MessageKind, elapsed: Duration, result: &JobResult) {
        self.message_durations.observe(message, elapsed);
        match result {
            JobResult::Appended(Ok(commit)) => {
                self.events.inc_by(u64::try_from(commit.accepted.len()).unwrap_or(u64::MAX));
            }
            JobResult::Appended(Err(_))
            | JobResult::Head(_)
            | JobResult::ChangesPage(_)
            | JobResult::Failed(_) => (),
        }
    }

    /// The gauge of one connection's joined channels.
    pub(crate) fn channel_gauge(&self) -> ChannelGauge {
        ChannelGauge::new(self.joined.clone())
    }
}
