//! Toasts and banners.

pub(crate) const DISMISS: &str = "Dismiss";

pub(crate) const UPDATE_READY: &str = "A new version is ready";
pub(crate) const RELOAD: &str = "Reload";
pub(crate) const LATER: &str = "Later";

pub(crate) const DELETED: &str = "Entry deleted";
pub(crate) const UNDO: &str = "Undo";
