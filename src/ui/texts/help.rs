//! The keyboard help.

pub(crate) const SHORTCUTS_TITLE: &str = "Keyboard";
pub(crate) const KEYS_HINT: &str = "all keys";
pub(crate) const KEYS_HINT_NAME: &str = "Keyboard help";
pub(crate) const KEY_TOGGLE: &str = "starts and stops";

/// The keyboard shortcuts and what they do.
pub(crate) const SHORTCUTS: &[(&[&str], &str)] = &[
    (&["s", "n"], "Start or stop the clock"),
    (&["/"], "Say what you are working on"),
    (&["a"], "Add an entry manually"),
    (&["?"], "Show this help"),
    (&["Enter"], "Take over what you typed"),
    (&["Esc"], "Leave a field as it was"),
];
pub(crate) const TIME_FIELDS_HELP: &str = "Time fields understand 9, 930, 9:30pm, 21:30, now, -15m \
    and 1h 20m; durations also 1:20, 90m and 1.5h.";
