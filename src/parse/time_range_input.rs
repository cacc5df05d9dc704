//! Parses the start and the end of an entry in their context.
//!
//! - A time of day is on the day that the field shows. If that is impossible (an end before the
//!   start, a start after the end or after now), but the adjacent day gives less than 24 hours, the
//!   result is a [`Guess`] with that instant, which the user confirms or replaces. An entry that
//!   already crosses midnight continues to do so without a question, because the field shows that
//!   day.
//! - A time of day does not extend an entry of less than 24 hours beyond that if the other day of
//!   the entry is possible.
//! - On a clock of 12 hours, `9:30` without am or pm is the time nearest to what the field shows;
//!   for a new end, the first after the start; for a new start, the morning.
//! - `-15m` and `+15m` shift what the field shows. While the clock runs, or in an empty field,
//!   `-15m` is 15 minutes before now.
//! - `1h 20m` keeps the other end and gives the entry that length; while it runs, until now.
//! - `14h` can be a time of day and a length: the time of day has to be confirmed.
//! - A time that occurs twice because clocks are turned back is each of both instants: the possible
//!   one, or the nearest as above. A time that clocks skip has to be confirmed as the shifted one.
//! - More than 24 hours have to be confirmed unless the entry was longer before; more than
//!   [`super::DURATION_DAYS_MAX`] are refused.

use wizitime_domain::{Day, DurationMs, LocalTime, Timestamp, day_of};

use super::duration::{DURATION_MAX, DURATION_UNASKED_MAX};
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
    /// The entry would be longer than [`super::DURATION_DAYS_MAX`].
    TooLong,
    /// It is possible, but the user has to confirm it.
    Unsure(Guess),
}

/// An instant that the user has to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    pub at: Timestamp,
    /// The length of the entry with it, if the other end is known.
    pub length: Option<DurationMs>,
    pub doubt: Doubt,
}

/// Why an instant has to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is only possible on the adjacent day.
    AnotherDay,
    /// The text can be this length as well.
    ClockOrLength(DurationMs),
    /// Clocks are turned forward and do not show the time; the instant is shifted.
    SkippedHour,
    /// The entry would be longer than [`super::DURATION_UNASKED_MAX`].
    LongEntry,
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

/// The result of parsing a time when the user may have confirmed it.
///
/// # Errors
/// The error, unless it only needed the confirmation.
pub fn confirmed_time(
    parsed: Result<Timestamp, TimeError>,
    is_confirmed: bool,
) -> Result<Timestamp, TimeError> {
    parsed.or_else(|error| match error {
        TimeError::Unsure(guess) if is_confirmed => Ok(guess.at),
        TimeError::Text(_)
        | TimeError::EndBeforeStart { .. }
        | TimeError::StartAfterEnd { .. }
        | TimeError::InFuture
        | TimeError::TooLong
        | TimeError::Unsure(_) => Err(error),
    })
}

/// Checks how long an entry gets by a new start or end at `at`.
///
/// # Errors
/// When the length is implausible or has to be confirmed, unless the entry was longer before.
pub fn check_length(
    at: Timestamp,
    length: DurationMs,
    before: Option<DurationMs>,
) -> Result<Timestamp, TimeError> {
    if length <= DURATION_UNASKED_MAX || before.is_some_and(|before| length <= before) {
        Ok(at)
    } else if length > DURATION_MAX {
        Err(TimeError::TooLong)
    } else {
        Err(TimeError::Unsure(Guess { at, length: Some(length), doubt: Doubt::LongEntry }))
    }
}

impl StartField {
    /// Parses a start.
    ///
    /// # Errors
    /// When the text is not a time, or the start is impossible or needs confirmation.
    pub fn parse(self, text: &str, ctx: InputCtx<'_>) -> Result<Timestamp, TimeError> {
        let end = self.end_at(ctx);
        match parse_time(text).map_err(TimeError::Text)? {
            TimeText::Now => self.checked(ctx.now, end),
            TimeText::Shift(shift) => {
                self.checked(self.shift_base(shift, ctx).saturating_add(shift), end)
            }
            TimeText::Length(length) => self.with_length(length, end),
            TimeText::Clock(time) => self.at_clock_time(time, end, ctx),
            TimeText::ClockOrLength(time, length) => {
                let as_clock = self.at_clock_time(time, end, ctx);
                clock_or_length(as_clock, length, || self.with_length(length, end))
            }
        }
    }

    const fn end_at(self, ctx: InputCtx<'_>) -> Option<Timestamp> {
        match self.end {
            EndBound::Now => Some(ctx.now),
            EndBound::At(end) => Some(end),
            EndBound::Unknown => None,
        }
    }

    fn shift_base(self, shift: DurationMs, ctx: InputCtx<'_>) -> Timestamp {
        match (self.end, self.current) {
            (EndBound::At(_) | EndBound::Unknown, Some(current)) => current,
            (EndBound::Now, Some(current)) if shift > DurationMs::ZERO => current,
            (EndBound::Now, _) | (EndBound::At(_) | EndBound::Unknown, None) => ctx.now,
        }
    }

    fn with_length(
        self,
        length: DurationMs,
        end: Option<Timestamp>,
    ) -> Result<Timestamp, TimeError> {
        let known_end = end.ok_or(TimeError::Text(TimeTextError::NotATime))?;
        self.checked(earlier(known_end, length), end)
    }

    fn at_clock_time(
        self,
        time: ClockTime,
        end: Option<Timestamp>,
        ctx: InputCtx<'_>,
    ) -> Result<Timestamp, TimeError> {
        let Some(end) = end else {
            let rule = self.current.map_or(PickRule::Literal, PickRule::Nearest);
            let start = pick(time, self.day, ctx, rule, &|_| true);
            return start.map_or(Ok(ctx.now), |start| start.accept(None));
        };
        let rule = self.current.map_or(PickRule::Last, PickRule::Nearest);
        let pick_on = |day| pick(time, day, ctx, rule, &|at| at <= end);
        if let Some(start) = pick_on(self.day) {
            let was_long = self.current.is_some_and(|current| end.since(current) >= DAY);
            let day_after = pick_on(self.day.plus(1)).filter(|_| end.since(start.at) >= DAY);
            let start = day_after.filter(|_| !was_long).unwrap_or(start);
            self.checked(start.at, Some(end))?;
            return start.accept(Some(end.since(start.at)));
        }
        let day_before = pick(time, self.day.plus(-1), ctx, PickRule::Last, &|_| true);
        match day_before.map(|it| (it.at, end.since(it.at))) {
            Some((at, length)) if length < DAY => Err(another_day(at, length)),
            _ => Err(self.too_late(end)),
        }
    }

    /// Checks a start against the end.
    fn checked(self, start: Timestamp, end: Option<Timestamp>) -> Result<Timestamp, TimeError> {
        match end {
            None => Ok(start),
            Some(end) if start > end => Err(self.too_late(end)),
            Some(end) => {
                let before = self.current.map(|current| end.since(current));
                check_length(start, end.since(start), before)
            }
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
        match parse_time(text).map_err(TimeError::Text)? {
            TimeText::Now => self.checked(ctx.now),
            TimeText::Shift(shift) => {
                self.checked(self.current.unwrap_or(ctx.now).saturating_add(shift))
            }
            TimeText::Length(length) => self.with_length(length),
            TimeText::Clock(time) => self.at_clock_time(time, ctx),
            TimeText::ClockOrLength(time, length) => {
                let as_clock = self.at_clock_time(time, ctx);
                clock_or_length(as_clock, length, || self.with_length(length))
            }
        }
    }

    fn with_length(self, length: DurationMs) -> Result<Timestamp, TimeError> {
        self.checked(self.start.saturating_add(length))
    }

    fn at_clock_time(self, time: ClockTime, ctx: InputCtx<'_>) -> Result<Timestamp, TimeError> {
        let day = day_of(self.current.unwrap_or(self.start), ctx.zone);
        let rule = self.current.map_or(PickRule::First, PickRule::Nearest);
        let pick_on = |day| pick(time, day, ctx, rule, &|at| at >= self.start);
        if let Some(end) = pick_on(day) {
            let was_long = self.current.is_some_and(|current| current.since(self.start) >= DAY);
            let day_before = pick_on(day.plus(-1)).filter(|_| end.at.since(self.start) >= DAY);
            let end = day_before.filter(|_| !was_long).unwrap_or(end);
            self.checked(end.at)?;
            return end.accept(Some(end.at.since(self.start)));
        }
        let next_day = pick(time, day.plus(1), ctx, PickRule::First, &|_| true);
        match next_day.map(|it| (it.at, it.at.since(self.start))) {
            Some((at, length)) if length < DAY => Err(another_day(at, length)),
            _ => Err(self.too_early()),
        }
    }

    /// Checks an end against the start.
    fn checked(self, end: Timestamp) -> Result<Timestamp, TimeError> {
        if end < self.start {
            return Err(self.too_early());
        }
        let before = self.current.map(|current| current.since(self.start));
        check_length(end, end.since(self.start), before)
    }

    const fn too_early(self) -> TimeError {
        TimeError::EndBeforeStart { start: self.start }
    }
}

const fn another_day(at: Timestamp, length: DurationMs) -> TimeError {
    TimeError::Unsure(Guess { at, length: Some(length), doubt: Doubt::AnotherDay })
}

/// `14h` is the time of day if the user confirms it. Where that is impossible, it is the length.
fn clock_or_length(
    as_clock: Result<Timestamp, TimeError>,
    length: DurationMs,
    as_length: impl FnOnce() -> Result<Timestamp, TimeError>,
) -> Result<Timestamp, TimeError> {
    let doubt = Doubt::ClockOrLength(length);
    match as_clock {
        Ok(at) => Err(TimeError::Unsure(Guess { at, length: None, doubt })),
        Err(TimeError::Unsure(guess)) => Err(TimeError::Unsure(Guess { doubt, ..guess })),
        Err(
            TimeError::Text(_)
            | TimeError::EndBeforeStart { .. }
            | TimeError::StartAfterEnd { .. }
            | TimeError::InFuture
            | TimeError::TooLong,
        ) => as_length(),
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

/// An instant that a time of day can be.
#[derive(Clone, Copy)]
struct Candidate {
    at: Timestamp,
    /// No clock shows the time of day; this is the shifted instant.
    is_skipped: bool,
}

impl Candidate {
    /// The instant, which has to be confirmed if the time is skipped.
    const fn accept(self, length: Option<DurationMs>) -> Result<Timestamp, TimeError> {
        if !self.is_skipped {
            return Ok(self.at);
        }
        Err(TimeError::Unsure(Guess { at: self.at, length, doubt: Doubt::SkippedHour }))
    }
}

/// Picks one of the instants that a time of day can be on a day.
fn pick(
    time: ClockTime,
    day: Day,
    ctx: InputCtx<'_>,
    rule: PickRule,
    is_possible: &dyn Fn(Timestamp) -> bool,
) -> Option<Candidate> {
    let other_ms = match ctx.clock {
        ClockStyle::H24 => None,
        ClockStyle::H12 => time.other_meridiem_ms(),
    };
    let mut best = None;
    // As typed first: of equal ranks the first stays.
    for ms in [Some(time.ms), other_ms].into_iter().flatten() {
        let instants = instant_at(day, ms, ctx.zone);
        for at in [Some(instants.first()), instants.second()].into_iter().flatten() {
            let rank = rule.rank(at);
            if is_possible(at) && best.is_none_or(|(best_rank, _)| rank < best_rank) {
                best = Some((rank, Candidate { at, is_skipped: instants.is_skipped() }));
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

impl PickRule {
    /// The candidate with the lowest rank is picked.
    const fn rank(self, at: Timestamp) -> i64 {
        match self {
            Self::Literal => 0,
            Self::First => at.as_ms(),
            Self::Last => -at.as_ms(),
            Self::Nearest(current) => at.since(current).as_ms().abs(),
        }
    }
}

#[cfg(test)]
mod tests;
