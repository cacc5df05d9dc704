//! The page that `/metrics` returns: every metric with its help text.

use std::fmt;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;

use super::Metrics;
use super::counters::Counters;
use super::label::DbErrorKind;
use crate::clock;

pub(crate) use prometheus_text::CONTENT_TYPE;

/// Values that are read at the time of the scrape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gauges {
    pub(crate) connections_open: usize,
    pub(crate) sockets_open: usize,
    pub(crate) hashes_running: usize,
    pub(crate) hashes_waiting: usize,
}

/// The gauges that are set at the time of the scrape.
#[derive(Debug, Default)]
pub(super) struct ScrapedGauges {
    uptime_s: Gauge<f64, AtomicU64>,
    connections_open: Gauge,
    sockets_open: Gauge,
    hashes_running: Gauge,
    hashes_waiting: Gauge,
}

impl Metrics {
    /// Names every metric. The names of counters get the ending `_total`.
    pub(super) fn register(&mut self, db_errors: &Counters<DbErrorKind>) {
        let registry = &mut self.registry;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("wizitime_build", "Always 1; labelled by version", version);
        let scraped = &self.scraped;
        let help = "Seconds since the server started";
        registry.register("wizitime_uptime_seconds", help, scraped.uptime_s.clone());
        let help = "Open HTTP connections without sockets";
        registry.register("wizitime_connections_open", help, scraped.connections_open.clone());
        let help = "HTTP connections refused because of a limit, by limit";
        registry.register("wizitime_connections_refused", help, self.refusals.family());
        registry.register("wizitime_sockets_open", "Open sockets", scraped.sockets_open.clone());
        registry.register("wizitime_channels_joined", "Joined channels", self.joined.clone());
        let help = "Events appended to a log by this server";
        registry.register("wizitime_events_appended", help, self.events.clone());
        let help = "BULK_EVENT pushes by outcome";
        registry.register("wizitime_batches", help, self.batches.family());
        let help = "Replies to channel pushes by status";
        registry.register("wizitime_replies", help, self.replies.family());
        let help = "Failed database operations by kind";
        registry.register("wizitime_database_errors", help, db_errors.family());
        let help = "Mails sent, failed and dropped, and attempts that will be repeated, by outcome";
        registry.register("wizitime_mails", help, self.mails.family());
        let (name, help) = ("wizitime_password_hashes_running", "Password hashes being computed");
        registry.register(name, help, scraped.hashes_running.clone());
        let (name, help) = ("wizitime_password_hashes_waiting", "Password hashes in the queue");
        registry.register(name, help, scraped.hashes_waiting.clone());
        let help = "HTTP requests by route and status class; a socket counts once, when it opens";
        registry.register("wizitime_http_requests", help, self.requests.family());
        let help = "Time from the request to the start of the response, by route";
        let durations = self.request_durations.family();
        registry.register("wizitime_http_request_duration_seconds", help, durations);
        let help = "Time from a message to the result of its database job, by message";
        let durations = self.message_durations.family();
        registry.register("wizitime_message_duration_seconds", help, durations);
    }

    /// The metrics page.
    ///
    /// # Errors
    /// Writing to a string does not fail.
    pub(crate) fn render(&self, gauges: &Gauges) -> Result<String, fmt::Error> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let uptime_ms = clock::now().since(self.started).as_ms();
        self.scraped.uptime_s.set(uptime_ms as f64 / 1e3);
        self.scraped.connections_open.set(number(gauges.connections_open));
        self.scraped.sockets_open.set(number(gauges.sockets_open));
        self.scraped.hashes_running.set(number(gauges.hashes_running));
        self.scraped.hashes_waiting.set(number(gauges.hashes_waiting));
        let mut page = String::new();
        prometheus_text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}
