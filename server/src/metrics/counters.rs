//! Counters with labels.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::label::Label;

/// One counter for each value of the label. Clones share the counters.
#[derive(Clone, Debug)]
pub(crate) struct Counters<L>(Family<L, Counter>);

impl<L: Label> Default for Counters<L> {
    /// All counters, so that their first increase is visible.
    fn default() -> Self {
        let family = Family::default();
        L::all().iter().for_each(|label| drop(family.get_or_create(label)));
        Self(family)
    }
}

impl<L: Label> Counters<L> {
    /// Adds one.
    pub(crate) fn increment(&self, label: L) {
        self.0.get_or_create(&label).inc();
    }

    pub(super) fn family(&self) -> Family<L, Counter> {
        self.0.clone()
    }
}
