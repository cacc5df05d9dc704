//! Instants, durations and time zones, with units and bounds.

use std::fmt;

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::parse_str;

/// An instant: milliseconds since the Unix epoch, from 1970 up to the year 2200.
///
/// Within these bounds every difference of two instants, and every instant in a browser's `Date`,
/// is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The number of milliseconds is not between 1970 and 2200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp(pub i64);

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not an instant in milliseconds since 1970 (the latest is {})",
            self.0,
            Timestamp::MAX.0
        )
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 2200-01-01T00:00:00Z.
    pub const MAX: Self = Self(7_258_118_400_000);

    /// The instant `ms` milliseconds after the Unix epoch.
    ///
    /// # Errors
    /// If it lies outside [`Timestamp::MIN`]`..=`[`Timestamp::MAX`].
    pub const fn from_ms(ms: i64) -> Result<Self, InvalidTimestamp> {
        if ms < Self::MIN.0 || ms > Self::MAX.0 {
            return Err(InvalidTimestamp(ms));
        }
        Ok(Self(ms))
    }

    /// The instant `ms` milliseconds after the Unix epoch, clamped to the bounds.
    pub const fn saturating_from_ms(ms: i64) -> Self {
        if ms < Self::MIN.0 {
            Self::MIN
        } else if ms > Self::MAX.0 {
            Self::MAX
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// The time since `earlier`; negative if this is before it.
    pub const fn since(self, earlier: Self) -> DurationMs {
        DurationMs(self.0 - earlier.0)
    }

    /// This instant plus `duration`, clamped to the bounds.
    pub const fn saturating_add(self, duration: DurationMs) -> Self {
        Self::saturating_from_ms(self.0.saturating_add(duration.0))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ms = i64::deserialize(deserializer)?;
        let instant = "an instant in milliseconds between 1970 and 2200";
        Self::from_ms(ms).map_err(|_| D::Error::invalid_value(Unexpected::Signed(ms), &instant))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

/// A duration in milliseconds; negative if a clock went backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DurationMs(i64);

impl DurationMs {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// A duration of `ms` milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// A duration of `minutes` minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// The duration in milliseconds.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// The sum of both durations.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This duration minus the other.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// The name of a time zone in the IANA database, such as `Europe/Berlin`.
///
/// Only the form is checked, so that every stored event can be read. [`Zone::is_known`] is checked
/// of new events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(Box<str>);

/// The first parts of the names of zones (file `backward` of the database included).
const ZONE_AREAS: [&str; 17] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "SystemV",
    "US",
];

/// The names of zones that have one part.
const ZONES_WITHOUT_AREA: [&str; 45] = [
    "CET",
    "CST6CDT",
    "Cuba",
    "EET",
    "EST",
    "EST5EDT",
    "Egypt",
    "Eire",
    "Factory",
    "GB",
    "GB-Eire",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "HST",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "Kwajalein",
    "Libya",
    "MET",
    "MST",
    "MST7MDT",
    "NZ",
    "NZ-CHAT",
    "Navajo",
    "PRC",
    "PST8PDT",
    "Poland",
    "Portugal",
    "ROC",
    "ROK",
    "Singapore",
    "Turkey",
    "UCT",
    "UTC",
    "Universal",
    "W-SU",
    "WET",
    "Zulu",
];

/// The text is no name of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidZone;

impl fmt::Display for InvalidZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a time zone: expected one such as Europe/Berlin")
    }
}

impl std::error::Error for InvalidZone {}

impl Zone {
    /// The longest name, in bytes.
    pub const BYTES_MAX: usize = 64;

    /// A zone by name.
    ///
    /// # Errors
    /// If the text is empty, longer than [`Zone::BYTES_MAX`] or has characters that no name has.
    pub fn new(name: &str) -> Result<Self, InvalidZone> {
        let fits = (1..=Self::BYTES_MAX).contains(&name.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        if fits && name.bytes().all(plain) { Ok(Self(name.into())) } else { Err(InvalidZone) }
    }

    /// Whether the IANA database has, or may have, a zone of this name. Releases add names of
    /// places, but neither areas nor names without an area. A place is not looked up, because a
    /// browser can know a newer release than the server, and its events must not be refused.
    pub fn is_known(&self) -> bool {
        let Some((area, place)) = self.0.split_once('/') else {
            return ZONES_WITHOUT_AREA.contains(&&*self.0);
        };
        let is_place = |part: &str| part.starts_with(|letter: char| letter.is_ascii_uppercase());
        ZONE_AREAS.contains(&area) && place.split('/').all(is_place)
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".into())
    }

    /// The zone's name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer, "the name of a time zone", |name| Self::new(name).ok())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_bounded() {
        assert!(Timestamp::from_ms(-1).is_err());
        assert!(crate::json::from_str::<Timestamp>("7258118400001").is_err());
        assert_eq!(Timestamp::saturating_from_ms(i64::MAX), Timestamp::MAX);
        let at = Timestamp::from_ms(5).unwrap();
        assert_eq!(at.saturating_add(DurationMs::from_ms(i64::MIN)), Timestamp::MIN);
    }

    #[test]
    fn zone_names_have_a_form() {
        assert!(Zone::new("America/Argentina/Buenos_Aires").is_ok());
        assert!(Zone::new("Etc/GMT+5").is_ok());
        assert_eq!(Zone::new(""), Err(InvalidZone));
        assert_eq!(Zone::new("<script>"), Err(InvalidZone));
    }

    #[test]
    fn zones_of_other_areas_are_unknown() {
        let is_known = |name| Zone::new(name).unwrap().is_known();
        for name in [
            "UTC",
            "GB-Eire",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
            // Of browsers that do not know the zone of the device.
            "Etc/Unknown",
            // A place that a later release may add.
            "Asia/Newly_Named",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in ["Mars/Olympus", "utc", "CEST", "europe/berlin", "Europe/", "Europe", "A/B"] {
            assert!(!is_known(name), "{name}");
        }
    }
}
