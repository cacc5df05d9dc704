//! What a typed time means for the start or the end of an entry.
//!
//! The rules, chosen so that nothing surprises:
//!
//! - A time of day is meant on the day that the field shows. If that cannot be (an end before the
//!   start, a start after the end or after now) but the neighbouring day gives less than 24 hours,
//!   the answer is [`TimeProblem::AnotherDay`] with that instant: the person is told and accepts
//!   it by confirming, or types something else. An entry that crosses midnight already keeps
//!   doing so without a question, as the field shows that day.
//! - An entry of less than 24 hours does not grow to more by a time of day if the other day of
//!   the entry fits.
//! - On a clock of 12 hours, `9:30` without am or pm is the one nearest to what the field shows;
//!   for a new end the first after the start; for a new start the morning, as it is written.
//! - `-15m` and `+15m` shift what the field shows. A clock that runs, or an empty field, shows no
//!   settled time: there `-15m` is 15 minutes before now.
//! - `1h 20m` keeps the other end and makes the entry that long; up to now while it runs.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp, day_of};

use super::format::ClockStyle;
use super::time_field::{ClockTime, TimeText, TimeTextProblem, parse_time};
use super::wall_clock::{earlier, instant_at};

const DAY: DurationMs = DurationMs::from_minutes(24 * 60);

/// Where and when something is typed.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub now: Timestamp,
    pub zone: &'a dyn LocalTime,
    pub clock: ClockStyle,
}

/// Why a text cannot be the start or the end here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeProblem {
    /// It cannot be read.
    Text(TimeTextProblem),
    /// The end lies before the start.
    EndBeforeStart { start: Timestamp },
    /// The start lies after the end.
    StartAfterEnd { end: Timestamp },
    /// A clock that runs cannot have started after now.
    InFuture,
    /// It can only be meant on the neighbouring day; the entry would then be this long. The
    /// person has to confirm.
    AnotherDay { at: Timestamp, length: DurationMs },
}

/// The other end of an entry whose start is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The clock runs.
    Now,
    At(Timestamp),
    /// A new entry: its end is typed after its start.
    Unknown,
}

/// The start of an entry as a field.
#[derive(Clone, Copy, Debug)]
pub struct StartField {
    /// The day that the field shows.
    pub day: Day,
    /// What the field shows; none for a new entry.
    pub was: Option<Timestamp>,
    pub until: Until,
}

/// The end of an entry as a field.
#[derive(Clone, Copy, Debug)]
pub struct EndField {
    pub start: Timestamp,
    /// What the field shows; none for a new entry.
    pub was: Option<Timestamp>,
}

impl StartField {
    /// Reads a start.
    ///
    /// # Errors
    /// If the text is no time or cannot be the start here.
    pub fn read(self, text: &str, place: Place<'_>) -> Result<Timestamp, TimeProblem> {
        let until = match self.until {
            Until::Now => Some(place.now),
            Until::At(end) => Some(end),
            Until::Unknown => None,
        };
        let start = match parse_time(text).map_err(TimeProblem::Text)? {
            TimeText::Now => place.now,
            TimeText::Shift(shift) => self.shift_base(shift, place).saturating_add(shift),
            TimeText::Length(length) => {
                let end = until.ok_or(TimeProblem::Text(TimeTextProblem::NotATime))?;
                earlier(end, length)
            }
            TimeText::Clock(time) => return self.on_the_clock(time, until, place),
        };
        match until {
            Some(until) if start > until => Err(self.too_late(until)),
            _ => Ok(start),
        }
    }

    fn shift_base(self, shift: DurationMs, place: Place<'_>) -> Timestamp {
        match (self.until, self.was) {
            (Until::At(_) | Until::Unknown, Some(was)) => was,
            (Until::Now, Some(was)) if shift > DurationMs::ZERO => was,
            (Until::Now, _) | (Until::At(_) | Until::Unknown, None) => place.now,
        }
    }

    fn on_the_clock(
        self,
        time: ClockTime,
        until: Option<Timestamp>,
        place: Place<'_>,
    ) -> Result<Timestamp, TimeProblem> {
        let Some(until) = until else {
            let near = self.was.map_or(Near::Literal, Near::To);
            return Ok(pick(readings(time, self.day, place), near).unwrap_or(place.now));
        };
        let near = self.was.map_or(Near::Last, Near::To);
        let fits = |day| pick(readings(time, day, place).filter(|at| *at <= until), near);
        if let Some(start) = fits(self.day) {
            let was_long = self.was.is_some_and(|was| until.since(was) >= DAY);
            let day_after = fits(self.day.plus(1)).filter(|_| until.since(start) >= DAY);
            return Ok(day_after.filter(|_| !was_long).unwrap_or(start));
        }
        let day_before = readings(time, self.day.plus(-1), place).max();
        match day_before.map(|at| (at, until.since(at))) {
            Some((at, length)) if length < DAY => Err(TimeProblem::AnotherDay { at, length }),
            _ => Err(self.too_late(until)),
        }
    }

    const fn too_late(self, until: Timestamp) -> TimeProblem {
        match self.until {
            Until::Now => TimeProblem::InFuture,
            Until::At(_) | Until::Unknown => TimeProblem::StartAfterEnd { end: until },
        }
    }
}

impl EndField {
    /// Reads an end.
    ///
    /// # Errors
    /// If the text is no time or cannot be the end here.
    pub fn read(self, text: &str, place: Place<'_>) -> Result<Timestamp, TimeProblem> {
        let end = match parse_time(text).map_err(TimeProblem::Text)? {
            TimeText::Now => place.now,
            TimeText::Shift(shift) => self.was.unwrap_or(place.now).saturating_add(shift),
            TimeText::Length(length) => self.start.saturating_add(length),
            TimeText::Clock(time) => return self.on_the_clock(time, place),
        };
        if end < self.start { Err(self.too_early()) } else { Ok(end) }
    }

    fn on_the_clock(self, time: ClockTime, place: Place<'_>) -> Result<Timestamp, TimeProblem> {
        let day = day_of(self.was.unwrap_or(self.start), place.zone);
        let near = self.was.map_or(Near::First, Near::To);
        let fits = |day| pick(readings(time, day, place).filter(|at| *at >= self.start), near);
        if let Some(end) = fits(day) {
            let was_long = self.was.is_some_and(|was| was.since(self.start) >= DAY);
            let day_before = fits(day.plus(-1)).filter(|_| end.since(self.start) >= DAY);
            return Ok(day_before.filter(|_| !was_long).unwrap_or(end));
        }
        let next_day = readings(time, day.plus(1), place).min();
        match next_day.map(|at| (at, at.since(self.start))) {
            Some((at, length)) if length < DAY => Err(TimeProblem::AnotherDay { at, length }),
            _ => Err(self.too_early()),
        }
    }

    const fn too_early(self) -> TimeProblem {
        TimeProblem::EndBeforeStart { start: self.start }
    }
}

/// Which of several readings is meant.
#[derive(Clone, Copy)]
enum Near {
    Literal,
    First,
    Last,
    To(Timestamp),
}

/// The instants that a time of day can be on a day, the literal one first.
fn readings(time: ClockTime, day: Day, place: Place<'_>) -> impl Iterator<Item = Timestamp> {
    let other_half_ms = match place.clock {
        ClockStyle::H24 => None,
        ClockStyle::H12 => time.other_half_ms(),
    };
    let all_ms = std::iter::once(time.ms).chain(other_half_ms);
    all_ms.map(move |ms| instant_at(day, ms, place.zone))
}

fn pick(mut readings: impl Iterator<Item = Timestamp>, near: Near) -> Option<Timestamp> {
    match near {
        Near::Literal => readings.next(),
        Near::First => readings.min(),
        Near::Last => readings.max(),
        Near::To(was) => readings.min_by_key(|at| at.since(was).as_ms().abs()),
    }
}

#[cfg(test)]
mod tests;
