//! A person's choices, the same on all of their devices.

use serde::{Deserialize, Serialize};

use crate::local_time::Weekday;

/// The first day of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    #[default]
    Monday,
    Saturday,
    Sunday,
}

impl WeekStart {
    /// The day of the week that weeks start on.
    pub const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// The settings of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub week_start: WeekStart,
    /// `true` for 13:30, `false` for 1:30 pm, none for what the browser's language says.
    pub clock_24h: Option<bool>,
}
