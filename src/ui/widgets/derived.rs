//! A derived value as a prop.

use leptos::prelude::*;

/// A closure that computes a value from signals. Like `Signal::derive`, without the code for the
/// other kinds of signals.
pub(crate) struct Derived<T: 'static>(Callback<(), T>);

impl<T: 'static> Clone for Derived<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for Derived<T> {}

impl<T: 'static> Derived<T> {
    /// The value now. The calling effect subscribes to the signals that were read.
    pub(crate) fn get(self) -> T {
        self.0.run(())
    }

    /// The value now, without a subscription.
    pub(crate) fn get_untracked(self) -> T {
        untrack(|| self.get())
    }
}

impl<T: 'static, F: Fn() -> T + Send + Sync + 'static> From<F> for Derived<T> {
    fn from(compute: F) -> Self {
        Self(Callback::new(move |()| compute()))
    }
}
