//! The help page, and the hint that leads to it.

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
    (&["Ctrl+Z", "⌘Z"], "Undo what you did last on this device"),
    (&["Ctrl+Shift+Z", "⇧⌘Z"], "Do it again"),
    (&["Enter"], "Take over what you typed"),
    (&["Esc"], "Take back what you typed; once more, leave the field"),
];

pub(crate) const HELP_TITLE: &str = "Help";

pub(crate) const HELP_KEYS_LEAD: &str = "Single keys work with every keyboard layout, while no \
    field, button or link has the focus. Esc leads out of them.";
pub(crate) const KEYS_SETTING: &str = "Use single keys in this browser";

pub(crate) const HELP_TIMES: &str = "Times and durations";
pub(crate) const HELP_TIMES_LEAD: &str = "Click a time or a duration to change it. You can type:";

/// What a time or duration field understands: examples, and what they mean.
pub(crate) const HELP_TIME_EXAMPLES: &[(&[&str], &str)] = &[
    (&["9", "930", "9:30pm", "21:30", "9h30"], "A time of day"),
    (&["now", "-15m"], "Now, or that long ago"),
    (&["1h 20m", "90m", "1.5h"], "A duration; in a time field, how long the entry is"),
    (&["1:20", "90"], "In a duration field, hours and minutes, or minutes"),
    (&["14h"], "In a time field this asks: the time 14:00, or 14 hours long?"),
];

pub(crate) const HELP_SAVED: &str = "Where your entries are";

/// Paragraphs.
pub(crate) const HELP_SAVED_TEXT: &[&str] = &[
    "Everything you do is saved on this device first, at once, and works the same with and \
     without a network. With an account it is then sent to the server and shown on all of your \
     devices.",
    "The badge at the top says how far that is. Press it to see what waits, to sync right now, or \
     to save everything that is not on the server as a file.",
];

/// What the badge says, and what it means.
pub(crate) const HELP_BADGE: &[(&str, &str)] = &[
    ("Saved", "Everything is in your account and on this device."),
    ("Saved on this device", "You are not signed in, or changes wait for the server."),
    ("Saving…", "Changes are on their way."),
    ("Offline", "There is no connection, and nothing waits for one."),
    ("1 change needs you", "The server could not accept a change. It is kept until you decide."),
    ("Sign in to sync", "Your sign-in has ended. Tracking goes on, and everything is kept here."),
];

pub(crate) const HELP_CLOCKS: &str = "One clock, many devices";

/// Paragraphs.
pub(crate) const HELP_CLOCKS_TEXT: &[&str] = &[
    "One clock runs at a time. Starting another one, here or on another device, ends the first: \
     its entry says so, and you can correct the end.",
    "What you type belongs to the entry that you began to type it for, whatever other devices do \
     meanwhile. It is kept until you save it with Enter or by leaving the field, also if you \
     reload or close the page.",
    "Ctrl+Z undoes what you did on this device, act by act, also after a reload and offline. It \
     tells you if it cannot, because the entry was changed since. Deleted entries are kept: find \
     them below your entries. A clock that you started by mistake can be discarded.",
];

pub(crate) const HELP_DATA: &str = "Your data";
pub(crate) const HELP_DATA_TEXT: &str = "Your account page shows where you are signed in. There \
    you can also change your password, download all of your data, or delete your account.";
pub(crate) const HELP_TO_ACCOUNT: &str = "Go to your account";
