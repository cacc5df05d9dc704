//! The settings of an account, the same on all devices.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::parse_str;
use crate::local_time::Weekday;

/// The first day of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeekStart {
    #[default]
    Monday,
    Saturday,
    Sunday,
}

impl WeekStart {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Monday, Self::Saturday, Self::Sunday];

    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day of the week.
    pub const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

impl<'de> Deserialize<'de> for WeekStart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer, "a day that weeks start on", |text| {
            Self::ALL.into_iter().find(|it| it.name() == text)
        })
    }
}

impl Serialize for WeekStart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The settings of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub week_start: WeekStart,
    /// `true` for 13:30, `false` for 1:30 pm, `None` for the convention of the browser's language.
    pub clock_24h: Option<bool>,
}
