//! Parses the duration of an entry in its context.

use wizitime_domain::DurationMs;

use super::duration::{DURATION_UNASKED_MAX, DurationError, parse_duration};

/// A field with the duration of an entry.
#[derive(Clone, Copy, Debug)]
pub struct DurationField {
    /// What the field shows; none for a new entry.
    pub current: Option<DurationMs>,
}

/// Why a text is not accepted as the duration of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationInputError {
    Text(DurationError),
    /// It is longer than [`DURATION_UNASKED_MAX`]. The user has to confirm.
    Long(DurationMs),
}

impl DurationField {
    /// Parses a duration.
    ///
    /// # Errors
    /// When the text is not a duration, or a long one that the entry did not have before.
    pub fn parse(self, text: &str) -> Result<DurationMs, DurationInputError> {
        let duration = parse_duration(text).map_err(DurationInputError::Text)?;
        let was_longer = self.current.is_some_and(|current| duration <= current);
        if duration <= DURATION_UNASKED_MAX || was_longer {
            Ok(duration)
        } else {
            Err(DurationInputError::Long(duration))
        }
    }
}

/// The result of parsing a duration when the user may have confirmed it.
///
/// # Errors
/// The error, unless it only needed the confirmation.
pub fn confirmed_duration(
    parsed: Result<DurationMs, DurationInputError>,
    is_confirmed: bool,
) -> Result<DurationMs, DurationInputError> {
    parsed.or_else(|error| match error {
        DurationInputError::Long(duration) if is_confirmed => Ok(duration),
        DurationInputError::Text(_) | DurationInputError::Long(_) => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(current_hours: Option<i64>, text: &str) -> Result<i64, DurationInputError> {
        let current = current_hours.map(|hours| DurationMs::from_minutes(hours * 60));
        DurationField { current }.parse(text).map(|it| it.as_ms() / 60_000)
    }

    #[test]
    fn more_than_a_day_has_to_be_confirmed() {
        let long = |minutes| Err(DurationInputError::Long(DurationMs::from_minutes(minutes)));
        assert_eq!(parse(None, "24h"), Ok(1_440));
        assert_eq!(parse(None, "24:01"), long(1_441));
        assert_eq!(parse(Some(8), "40:00"), long(2_400));
        assert_eq!(parse(Some(50), "40:00"), Ok(2_400));
        assert_eq!(parse(Some(50), "51h"), long(3_060));
    }

    #[test]
    fn more_than_a_week_is_refused() {
        let too_long = Err(DurationInputError::Text(DurationError::TooLong));
        assert_eq!(parse(None, "400:00"), too_long);
        assert_eq!(parse(Some(500), "168:01"), too_long);
    }
}
