//! Intents about notices.

/// What a user wants of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeIntent {
    /// Close the notice.
    Dismiss,
    /// Start the new version of the app.
    ActivateUpdate,
}
