//! Everything that can be read, with what it means.

use std::sync::atomic::Ordering;

use super::counters::Counters;
use super::histogram::{ENDS_MS, Reading};
use super::label::Label;
use super::text::{Kind, Page};
use crate::app::App;
use crate::clock;

/// All figures of a server.
pub(super) fn write(app: &App) -> String {
    let metrics = &app.metrics;
    let mut page = Page::default();
    page.figure("wizitime_build_info", Kind::Gauge, "Always 1; the version is its label.");
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    page.sample("wizitime_build_info", &version, 1);
    let uptime = clock::now().since(metrics.started).as_ms();
    let uptime_s = format!("{}.{:03}", uptime / 1_000, uptime.rem_euclid(1_000));
    page.single("wizitime_uptime_seconds", Kind::Gauge, "Time since the start.", uptime_s);
    let (sockets, joined) = (app.registry.open_count(), metrics.joined.load(Ordering::Relaxed));
    page.single("wizitime_sockets_open", Kind::Gauge, "Open sockets.", sockets);
    page.single("wizitime_channels_joined", Kind::Gauge, "Channels that are joined.", joined);
    let events = metrics.events.load(Ordering::Relaxed);
    let help = "Events that entered a log through this server.";
    page.single("wizitime_events_appended_total", Kind::Counter, help, events);
    let help = "BULK_EVENTs by what became of them.";
    counters(&mut page, "wizitime_batches_total", help, &metrics.batches);
    let help = "Answers to what clients say in channels.";
    counters(&mut page, "wizitime_replies_total", help, &metrics.replies);
    let help = "Questions that the database did not answer.";
    counters(&mut page, "wizitime_database_errors_total", help, app.storage.errors());
    let (running, waiting) = app.passwords.load();
    let help = "Passwords that are being hashed.";
    page.single("wizitime_password_hashes_running", Kind::Gauge, help, running);
    let help = "Passwords that wait to be hashed.";
    page.single("wizitime_password_hashes_waiting", Kind::Gauge, help, waiting);
    let help = "Requests by route and kind of answer; a socket counts once, when it opens.";
    counters(&mut page, "wizitime_http_requests_total", help, &metrics.requests);
    durations(&mut page, &metrics.durations.read());
    page.finish()
}

fn counters<L: Label>(page: &mut Page, name: &str, help: &str, counters: &Counters<L>) {
    page.figure(name, Kind::Counter, help);
    counters.all().for_each(|(label, count)| page.sample(name, &label.text(), count));
}

fn durations(page: &mut Page, reading: &Reading) {
    const NAME: &str = "wizitime_http_request_duration_seconds";
    page.figure(NAME, Kind::Histogram, "How long requests take until their answer begins.");
    let bucket = format!("{NAME}_bucket");
    for (end_ms, within) in ENDS_MS.iter().zip(reading.within) {
        page.sample(&bucket, &format!("le=\"{}\"", *end_ms as f64 / 1e3), within);
    }
    page.sample(&bucket, "le=\"+Inf\"", reading.count);
    page.sample(&format!("{NAME}_sum"), "", reading.sum_us as f64 / 1e6);
    page.sample(&format!("{NAME}_count"), "", reading.count);
}
