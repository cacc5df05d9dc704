//! Every visible text, in one language. To translate the app, translate this file and its
//! children.

mod account;
mod fields;
mod rejections;
mod sync;
mod timer;

pub(crate) use account::*;
pub(crate) use fields::*;
pub(crate) use rejections::*;
pub(crate) use sync::*;
pub(crate) use timer::*;

use wizitime_domain::DurationMs;

use crate::fields::Hms;

/// The language of the catalogue; dates are written in the person's own variety of it.
pub(crate) const LANGUAGE: &str = "en";

pub(crate) const APP: &str = "WiziTime";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const DISMISS: &str = "Dismiss";

pub(crate) const UPDATE_READY: &str = "A new version is ready";
pub(crate) const RELOAD: &str = "Reload";
pub(crate) const LATER: &str = "Later";

pub(crate) const DELETED: &str = "Entry deleted";
pub(crate) const UNDO: &str = "Undo";

/// `1 change`, `3 changes`.
pub(crate) fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

/// `1 h 20 min`, `20 min`, `40 s`: a length in words, without what is too fine to matter.
pub(crate) fn length(duration: DurationMs) -> String {
    let Hms { hours, minutes, seconds } = Hms::of(duration);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// How long ago something was: `just now`, `20 min ago`.
pub(crate) fn ago(duration: DurationMs) -> String {
    if duration.as_ms() < 60_000 { "just now".to_owned() } else { length(duration) + " ago" }
}
