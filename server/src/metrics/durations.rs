//! Histograms of durations with labels.

use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

use super::label::Label;

/// The upper bounds of the buckets, in seconds; one more bucket has no bound.
const BUCKET_BOUNDS_S: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// One histogram for each value of the label.
#[derive(Debug)]
pub(super) struct Durations<L>(Family<L, Histogram>);

impl<L: Label> Default for Durations<L> {
    fn default() -> Self {
        let family =
            Family::new_with_constructor((|| Histogram::new(BUCKET_BOUNDS_S)) as fn() -> _);
        L::all().iter().for_each(|label| drop(family.get_or_create(label)));
        Self(family)
    }
}

impl<L: Label> Durations<L> {
    pub(super) fn observe(&self, label: L, duration: Duration) {
        self.0.get_or_create(&label).observe(duration.as_secs_f64());
    }

    pub(super) fn family(&self) -> Family<L, Histogram> {
        self.0.clone()
    }
}
