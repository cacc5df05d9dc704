//! The timer page.

pub(crate) const WHAT: &str = "What are you working on?";
pub(crate) const SUGGESTIONS: &str = "What you worked on before";
pub(crate) const START: &str = "Start";
pub(crate) const STOP: &str = "Stop";
pub(crate) const RUNNING_TIME: &str = "Running time";
pub(crate) const STARTED: &str = "Started";
pub(crate) const STARTED_AT: &str = "Started at";

pub(crate) const PROJECT: &str = "Project";
pub(crate) const NO_PROJECT: &str = "No project";
pub(crate) const FIND_PROJECT: &str = "Find or create a project";
pub(crate) const PROJECTS: &str = "Projects";
pub(crate) const PROJECT_COLOR: &str = "Colour of the new project";

/// The entry of the menu that creates a project.
pub(crate) fn create_project(name: &str) -> String {
    format!("Create \u{201c}{name}\u{201d}")
}

pub(crate) const ADD_MANUALLY: &str = "Add manually";
pub(crate) const SAVE_ENTRY: &str = "Save entry";
pub(crate) const DAY: &str = "Day";
pub(crate) const NEEDS_START: &str = "Say when it started.";
pub(crate) const NEEDS_END: &str = "Say when it ended, or how long it took.";
pub(crate) const NEEDS_DAY: &str = "Choose a day.";

pub(crate) const ENTRIES: &str = "Time entries";
pub(crate) const TODAY: &str = "Today";
pub(crate) const YESTERDAY: &str = "Yesterday";
pub(crate) const THIS_WEEK: &str = "This week";
pub(crate) const LAST_WEEK: &str = "Last week";
pub(crate) const SHOW_MORE: &str = "Show more";
pub(crate) const TOTAL: &str = "Total";

/// The heading of a week by its first and last day.
pub(crate) fn week_of(first: &str, last: &str) -> String {
    format!("{first} – {last}")
}

pub(crate) const DESCRIPTION: &str = "Description";
pub(crate) const ADD_DESCRIPTION: &str = "Add a description";
pub(crate) const START_TIME: &str = "Start time";
pub(crate) const END_TIME: &str = "End time";
pub(crate) const DURATION: &str = "Duration";
pub(crate) const CONTINUE: &str = "Continue";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const ENDED_BY_NEXT: &str = "Ended by the next start";

/// The mark of an entry that ends so many days after the day it is listed under.
pub(crate) fn days_later(days: i64) -> String {
    format!("+{days}")
}

/// What that mark says in words.
pub(crate) fn ends_on(weekday: &str) -> String {
    format!("Ends on {weekday}")
}

/// The entry was recorded in another time zone than the one that times are shown in.
pub(crate) fn recorded_in(zone: &str, shown_in: &str) -> String {
    let plain = |name: &str| name.replace('_', " ");
    format!("Recorded in {}; times are those of {}", plain(zone), plain(shown_in))
}

pub(crate) const EMPTY_TITLE: &str = "Your time starts here";
pub(crate) const EMPTY_TEXT: &str = "Press Start and fill in the rest later. Everything is saved \
    on this device at once, with and without a network.";

pub(crate) const KEYS_TITLE: &str = "Keyboard";
pub(crate) const KEYS_HINT: &str = "all keys";
pub(crate) const KEYS_HINT_NAME: &str = "Keyboard help";
pub(crate) const KEY_TOGGLE: &str = "starts and stops";

/// Every key and what it does.
pub(crate) const KEYS: &[(&[&str], &str)] = &[
    (&["s", "n"], "Start or stop the clock"),
    (&["/"], "Say what you are working on"),
    (&["a"], "Add an entry manually"),
    (&["?"], "Show this help"),
    (&["Enter"], "Take over what you typed"),
    (&["Esc"], "Leave a field as it was"),
];
pub(crate) const KEYS_FIELDS: &str = "Time fields understand 9, 930, 9:30pm, 21:30, now, -15m \
    and 1h 20m; durations also 1:20, 90m and 1.5h.";
