//! Parses the start and the end of an entry in their context.
//!
//! - A time of day is on the day that the field shows. If that is impossible (an end before the
//!   start, a start after the end or after now), but the adjacent day gives less than 24 hours, the
//!   result is [`TimeError::AnotherDay`] with that instant, which the user confirms or replaces. An
//!   entry that already crosses midnight continues to do so without a question, because the field
//!   shows that day.
//! - A time of day does not extend an entry of less than 24 hours beyond that if the other day of
//!   the entry is possible.
//! - On a clock of 12 hours, `9:30` without am or pm is the time nearest to what the field shows;
//!   for a new end, the first after the start; for a new start, the morning.
//! - `-15m` and `+15m` shift what the field shows. While the clock runs, or in an empty field,
//!   `-15m` is 15 minutes before now.
//! - `1h 20m` keeps the other end and gives the entry that length; while it runs, until now.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp, day_of};

use super::format::ClockStyle;
use super::time::{ClockTime, TimeText, TimeTextError, parse_time};
use super::wall_clock::{earlier, instant_at};

const DAY: DurationMs = DurationMs::from_minutes(24 * 60);

/// What parsing depends on: now, the time zone, the clock style.
#[derive(Clone, Copy)]
pub struct InputCtx<'a> {
    pub now: Timestamp,
    pub zone: &'a dyn LocalTime,
    pub clock: ClockStyle,
}

/// Why a text is not accepted as a start or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// It is not a time.
    Text(TimeTextError),
    /// The end is before the start.
    EndBeforeStart { start: Timestamp },
    /// The start is after the end.
    StartAfterEnd { end: Timestamp },
    /// A running clock cannot have started after now.
    InFuture,
    /// It is only possible on the adjacent day, with this length of the entry. The user has to
    /// confirm.
    AnotherDay { at: Timestamp, length: DurationMs },
}

/// The end of an entry whose start is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndBound {
    /// The clock runs.
    Now,
    At(Timestamp),
    /// A new entry: the end is typed later.
    Unknown,
}

/// A field with the start of an entry.
#[derive(Clone, Copy, Debug)]
pub struct StartField {
    /// The day that the field shows.
    pub day: Day,
    /// What the field shows; none for a new entry.
    pub current: Option<Timestamp>,
    pub end: EndBound,
}

/// A field with the end of an entry.
#[derive(Clone, Copy, Debug)]
pub struct EndField {
    pub start: Timestamp,
    /// What the field shows; none for a new entry.
    pub current: Option<Timestamp>,
}

impl StartField {
    /// Parses a start.
    ///
    /// # Errors
    /// When the text is not a time, or the start is impossible or needs confirmation.
    pub fn parse(self, text: &str, ctx: InputCtx<'_>) -> Result<Timestamp, TimeError> {
        let end = match self.end {
            EndBound::Now => Some(ctx.now),
            EndBound::At(end) => Some(end),
            EndBound::Unknown => None,
        };
        let start = match parse_time(text).map_err(TimeError::Text)? {
            TimeText::Now => ctx.now,
            TimeText::Shift(shift) => self.shift_base(shift, ctx).saturating_add(shift),
            TimeText::Length(length) => {
                let end = end.ok_or(TimeError::Text(TimeTextError::NotATime))?;
                earlier(end, length)
            }
            TimeText::Clock(time) => return self.at_clock_time(time, end, ctx),
        };
        match end {
            Some(end) if start > end => Err(self.too_late(end)),
            _ => Ok(start),
        }
    }

    fn shift_base(self, shift: DurationMs, ctx: InputCtx<'_>) -> Timestamp {
        match (self.end, self.current) {
            (EndBound::At(_) | EndBound::Unknown, Some(current)) => current,
            (EndBound::Now, Some(current)) if shift > DurationMs::ZERO => current,
            (EndBound::Now, _) | (EndBound::At(_) | EndBound::Unknown, None) => ctx.now,
        }
    }

    fn at_clock_time(
        self,
        time: ClockTime,
        end: Option<Timestamp>,
        ctx: InputCtx<'_>,
    ) -> Result<Timestamp, TimeError> {
        let Some(end) = end else {
            let rule = self.current.map_or(PickRule::Literal, PickRule::Nearest);
            return Ok(pick(candidates(time, self.day, ctx), rule).unwrap_or(ctx.now));
        };
        let rule = self.current.map_or(PickRule::Last, PickRule::Nearest);
        let pick_on = |day| pick(candidates(time, day, ctx).filter(|at| *at <= end), rule);
        if let Some(start) = pick_on(self.day) {
            let was_long = self.current.is_some_and(|current| end.since(current) >= DAY);
            let day_after = pick_on(self.day.plus(1)).filter(|_| end.since(start) >= DAY);
            return Ok(day_after.filter(|_| !was_long).unwrap_or(start));
        }
        let day_before = candidates(time, self.day.plus(-1), ctx).max();
        match day_before.map(|at| (at, end.since(at))) {
            Some((at, length)) if length < DAY => Err(TimeError::AnotherDay { at, length }),
            _ => Err(self.too_late(end)),
        }
    }

    const fn too_late(self, end: Timestamp) -> TimeError {
        match self.end {
            EndBound::Now => TimeError::InFuture,
            EndBound::At(_) | EndBound::Unknown => TimeError::StartAfterEnd { end },
        }
    }
}

impl EndField {
    /// Parses an end.
    ///
    /// # Errors
    /// When the text is not a time, or the end is impossible or needs confirmation.
    pub fn parse(self, text: &str, ctx: InputCtx<'_>) -> Result<Timestamp, TimeError> {
        let end = match parse_time(text).map_err(TimeError::Text)? {
            TimeText::Now => ctx.now,
            TimeText::Shift(shift) => self.current.unwrap_or(ctx.now).saturating_add(shift),
            TimeText::Length(length) => self.start.saturating_add(length),
            TimeText::Clock(time) => return self.at_clock_time(time, ctx),
        };
        if end < self.start { Err(self.too_early()) } else { Ok(end) }
    }

    fn at_clock_time(self, time: ClockTime, ctx: InputCtx<'_>) -> Result<Timestamp, TimeError> {
        let day = day_of(self.current.unwrap_or(self.start), ctx.zone);
        let rule = self.current.map_or(PickRule::First, PickRule::Nearest);
        let pick_on = |day| pick(candidates(time, day, ctx).filter(|at| *at >= self.start), rule);
        if let Some(end) = pick_on(day) {
            let was_long = self.current.is_some_and(|current| current.since(self.start) >= DAY);
            let day_before = pick_on(day.plus(-1)).filter(|_| end.since(self.start) >= DAY);
            return Ok(day_before.filter(|_| !was_long).unwrap_or(end));
        }
        let next_day = candidates(time, day.plus(1), ctx).min();
        match next_day.map(|at| (at, at.since(self.start))) {
            Some((at, length)) if length < DAY => Err(TimeError::AnotherDay { at, length }),
            _ => Err(self.too_early()),
        }
    }

    const fn too_early(self) -> TimeError {
        TimeError::EndBeforeStart { start: self.start }
    }
}

/// Which of several candidate instants to pick.
#[derive(Clone, Copy)]
enum PickRule {
    Literal,
    First,
    Last,
    Nearest(Timestamp),
}

/// The instants that a time of day can be on a day, as typed first.
fn candidates(time: ClockTime, day: Day, ctx: InputCtx<'_>) -> impl Iterator<Item = Timestamp> {
    let other_ms = match ctx.clock {
        ClockStyle::H24 => None,
        ClockStyle::H12 => time.other_meridiem_ms(),
    };
    let all_ms = std::iter::once(time.ms).chain(other_ms);
    all_ms.map(move |ms| instant_at(day, ms, ctx.zone))
}

fn pick(mut candidates: impl Iterator<Item = Timestamp>, rule: PickRule) -> Option<Timestamp> {
    match rule {
        PickRule::Literal => candidates.next(),
        PickRule::First => candidates.min(),
        PickRule::Last => candidates.max(),
        PickRule::Nearest(current) => candidates.min_by_key(|at| at.since(current).as_ms().abs()),
    }
}

#[cfg(test)]
mod tests;
