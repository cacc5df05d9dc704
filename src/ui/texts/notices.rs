//! Toasts and banners.

pub(crate) const DISMISS: &str = "Dismiss";

pub(crate) const UPDATE_READY: &str = "A new version is ready";
pub(crate) const RELOAD: &str = "Reload";
pub(crate) const LATER: &str = "Later";

pub(crate) const UNDO: &str = "Undo";

/// An act was undone, or done again.
pub(crate) const fn reverted(is_redo: bool) -> &'static str {
    if is_redo { "Done again" } else { "Undone" }
}

/// Entries were deleted; the last one can be restored first.
pub(crate) fn deleted(count: usize) -> String {
    if count == 1 { "Entry deleted".to_owned() } else { format!("{count} entries deleted") }
}
