//! The page that `/metrics` returns: every metric with its help text.

use std::sync::atomic::Ordering;

use super::Metrics;
use super::counters::Counters;
use super::histogram::{BUCKET_BOUNDS_MS, HistogramSnapshot};
use super::label::{DbErrorKind, Label};
use super::text::{MetricType, TextPage};
use crate::clock;

/// The content type of Prometheus' text format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Values that are read at the time of the scrape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gauges {
    pub(crate) connections_open: usize,
    pub(crate) sockets_open: usize,
    pub(crate) hashes_running: usize,
    pub(crate) hashes_waiting: usize,
}

impl Metrics {
    /// The metrics page.
    pub(crate) fn render(&self, gauges: &Gauges, db_errors: &Counters<DbErrorKind>) -> String {
        let mut page = TextPage::default();
        page.metric("wizitime_build_info", MetricType::Gauge, "Always 1; labelled by version.");
        let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
        page.sample("wizitime_build_info", &version, 1);
        let uptime_ms = clock::now().since(self.started).as_ms();
        let uptime_s = format!("{}.{:03}", uptime_ms / 1_000, uptime_ms.rem_euclid(1_000));
        let help = "Seconds since the server started.";
        page.single("wizitime_uptime_seconds", MetricType::Gauge, help, uptime_s);
        let (name, help) = ("wizitime_connections_open", "Open HTTP connections without sockets.");
        page.single(name, MetricType::Gauge, help, gauges.connections_open);
        let help = "HTTP connections refused because of a limit, by limit.";
        counters(&mut page, "wizitime_connections_refused_total", help, &self.refusals);
        let help = "Open sockets.";
        page.single("wizitime_sockets_open", MetricType::Gauge, help, gauges.sockets_open);
        let joined = self.joined.load(Ordering::Relaxed);
        page.single("wizitime_channels_joined", MetricType::Gauge, "Joined channels.", joined);
        let events = self.events.load(Ordering::Relaxed);
        let help = "Events appended to a log by this server.";
        page.single("wizitime_events_appended_total", MetricType::Counter, help, events);
        let help = "BULK_EVENT pushes by outcome.";
        counters(&mut page, "wizitime_batches_total", help, &self.batches);
        let help = "Replies to channel pushes by status.";
        counters(&mut page, "wizitime_replies_total", help, &self.replies);
        let help = "Failed database operations by kind.";
        counters(&mut page, "wizitime_database_errors_total", help, db_errors);
        let (name, help) = ("wizitime_password_hashes_running", "Password hashes being computed.");
        page.single(name, MetricType::Gauge, help, gauges.hashes_running);
        let (name, help) = ("wizitime_password_hashes_waiting", "Password hashes in the queue.");
        page.single(name, MetricType::Gauge, help, gauges.hashes_waiting);
        let help = "HTTP requests by route and status class; a socket counts once, when it opens.";
        counters(&mut page, "wizitime_http_requests_total", help, &self.requests);
        durations(&mut page, &self.durations.snapshot());
        page.finish()
    }
}

fn counters<L: Label>(page: &mut TextPage, name: &str, help: &str, counters: &Counters<L>) {
    page.metric(name, MetricType::Counter, help);
    counters.iter().for_each(|(label, count)| page.sample(name, &label.render(), count));
}

fn durations(page: &mut TextPage, snapshot: &HistogramSnapshot) {
    const NAME: &str = "wizitime_http_request_duration_seconds";
    page.metric(NAME, MetricType::Histogram, "Time from the request to the start of the response.");
    let bucket = format!("{NAME}_bucket");
    for (bound_ms, count) in BUCKET_BOUNDS_MS.iter().zip(snapshot.cumulative) {
        page.sample(&bucket, &format!("le=\"{}\"", *bound_ms as f64 / 1e3), count);
    }
    page.sample(&bucket, "le=\"+Inf\"", snapshot.count);
    page.sample(&format!("{NAME}_sum"), "", snapshot.sum_us as f64 / 1e6);
    page.sample(&format!("{NAME}_count"), "", snapshot.count);
}
