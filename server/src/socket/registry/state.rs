//! What others may know of all connections together.

use super::Registry;

impl Registry {
    /// How many connections are open.
    pub(crate) fn open_count(&self) -> usize {
        *self.open.borrow()
    }

    /// Whether the server stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }
}
