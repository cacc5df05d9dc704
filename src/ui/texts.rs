//! The catalogue of texts: every sentence that a user can read in the client, in one language. To
//! translate the app, translate this file and its children.

mod account;
mod account_page;
mod drafts;
mod entries;
mod help;
mod notices;
mod pages;
mod projects;
mod rejections;
mod sync_status;
mod timer;
mod typed_times;

pub(crate) use account::*;
pub(crate) use account_page::*;
pub(crate) use drafts::*;
pub(crate) use entries::*;
pub(crate) use help::*;
pub(crate) use notices::*;
pub(crate) use pages::*;
pub(crate) use projects::*;
pub(crate) use rejections::*;
pub(crate) use sync_status::*;
pub(crate) use timer::*;
pub(crate) use typed_times::*;

use wizitime_domain::DurationMs;

use crate::parse::{Hms, isolated};

/// The language of the catalogue; dates are written in the user's variety of it.
pub(crate) const LANGUAGE: &str = "en";

pub(crate) const APP: &str = "WiziTime";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CANCEL: &str = "Cancel";

/// `1 change`, `3 changes`.
pub(crate) fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

/// `1 h 20 min`, `20 min`, `40 s`: a duration in words. Units that are too small to matter are
/// left out.
pub(crate) fn length(duration: DurationMs) -> String {
    let Hms { hours, minutes, seconds } = Hms::of(duration);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// A text of the user in quotes.
fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", isolated(text))
}

/// How long ago an instant was: `just now`, `20 min ago`.
pub(crate) fn ago(duration: DurationMs) -> String {
    if duration.as_ms() < 60_000 { "just now".to_owned() } else { length(duration) + " ago" }
}
