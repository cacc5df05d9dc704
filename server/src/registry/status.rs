//! The state of all connections together.

use super::Registry;

impl Registry {
    /// The number of open connections.
    pub(crate) fn open_count(&self) -> usize {
        *self.open.borrow()
    }

    /// Whether the server is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }
}
