//! The timer card.

use super::quoted;

pub(crate) const DESCRIPTION_PROMPT: &str = "What are you working on?";
pub(crate) const EDITS_NOT_RUNNING: &str =
    "This text belongs to an entry that has ended. Enter saves it there.";

/// The text in the field is for the next entry while another device runs this one.
pub(crate) fn another_runs(description: &str) -> String {
    let name = match description {
        "" => "Another entry".to_owned(),
        description => quoted(description),
    };
    format!(
        "{name} was started meanwhile. Your text is kept: Enter starts it, Escape shows what runs."
    )
}

/// A text waits for the next entry.
pub(crate) fn next_waits(text: &str) -> String {
    format!("Kept for your next entry: {}", quoted(text))
}

pub(crate) const SUGGESTIONS: &str = "What you worked on before";
pub(crate) const START: &str = "Start";
pub(crate) const STOP: &str = "Stop";
/// What is announced when the clock starts, with the description of its entry, or stops.
pub(crate) fn clock(description: Option<&str>) -> String {
    match description {
        None => "Clock stopped".to_owned(),
        Some("") => "Clock started".to_owned(),
        Some(description) => format!("Clock started: {description}"),
    }
}

/// What is announced when the network goes or comes back.
pub(crate) const fn network(is_offline: bool) -> &'static str {
    if is_offline { "Offline. Everything is saved on this device." } else { "Online again" }
}

pub(crate) const RUNNING_TIME: &str = "Running time";
pub(crate) const STARTED: &str = "Started";
pub(crate) const STARTED_AT: &str = "Started at";
pub(crate) const STILL_RUNNING: &str = "Still running?";
pub(crate) const CHECK_CLOCK: &str =
    "Check this device's clock: it is earlier than this start, or was turned back.";
