//! A person's choices, the same on all of their devices.

use wizitime_json::{FromJson, Json, JsonError, ToJson, from_name, json_object};

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
    /// Every day that a week can start on.
    pub const ALL: [Self; 3] = [Self::Monday, Self::Saturday, Self::Sunday];

    /// The day's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day of the week that weeks start on.
    pub const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

impl FromJson for WeekStart {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        from_name(json, &Self::ALL, Self::name, "a day that weeks start on")
    }
}

impl ToJson for WeekStart {
    fn write_json(&self, out: &mut String) {
        self.name().write_json(out);
    }
}

/// The settings of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub week_start: WeekStart,
    /// `true` for 13:30, `false` for 1:30 pm, none for what the browser's language says.
    pub clock_24h: Option<bool>,
}
json_object!(Settings { week_start, clock_24h });
