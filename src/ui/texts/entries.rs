//! The entries by day, and the form for manual entries.

pub(crate) const ADD_MANUALLY: &str = "Add manually";
pub(crate) const SAVE_ENTRY: &str = "Save entry";
pub(crate) const DAY: &str = "Day";
pub(crate) const NEEDS_START: &str = "Say when it started.";
pub(crate) const NEEDS_END: &str = "Say when it ended, or how long it took.";

pub(crate) const NOT_SAVED: &str = "This is not saved.";

pub(crate) const ENTRIES: &str = "Time entries";
pub(crate) const TODAY: &str = "Today";
pub(crate) const YESTERDAY: &str = "Yesterday";
pub(crate) const THIS_WEEK: &str = "This week";
pub(crate) const LAST_WEEK: &str = "Last week";
pub(crate) const SHOW_MORE: &str = "Show more";
pub(crate) const TOTAL: &str = "Total";

/// The title of a week, by its first and last day.
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

/// Marks an entry that ends so many days after the day it is listed under.
pub(crate) fn days_later(days: i64) -> String {
    format!("+{days}")
}

/// That mark in words.
pub(crate) fn ends_on(weekday: &str) -> String {
    format!("Ends on {weekday}")
}

/// A note on an entry that was recorded in another time zone than times are shown in.
pub(crate) fn recorded_in(zone: &str, shown_in: &str) -> String {
    let plain = |name: &str| name.replace('_', " ");
    format!("Recorded in {}; times are those of {}", plain(zone), plain(shown_in))
}

/// A note on an entry with times of day that occur twice, each with its offset from UTC.
pub(crate) fn repeated_times(times: &[(String, String)]) -> String {
    let each = times.iter().map(|(time, offset)| format!("{time} is {offset}"));
    format!("Clocks were turned back: {}", each.collect::<Vec<_>>().join(", "))
}

pub(crate) const BIN: &str = "Deleted entries";
/// With the number of `BIN_ENTRIES_MAX`.
pub(crate) const BIN_LEAD: &str = "What you deleted is kept and can be restored. \
    At most 100 are listed here, those that were created last.";
pub(crate) const BIN_EMPTY: &str = "Nothing is deleted.";
pub(crate) const RESTORE: &str = "Restore";
pub(crate) const NO_DESCRIPTION: &str = "No description";

/// When a deleted entry was. One that was discarded while it ran has no end.
pub(crate) fn bin_when(day: &str, start: &str, end: &str) -> String {
    format!("{day}, {start} – {end}")
}

pub(crate) const EMPTY_TITLE: &str = "Your time starts here";
pub(crate) const EMPTY_TEXT: &str = "Press Start and fill in the rest later. Everything is saved \
    on this device at once, with and without a network.";
