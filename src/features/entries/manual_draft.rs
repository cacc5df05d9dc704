//! What is filled in in the form for manual entries.
//!
//! Times are kept as times of day, so that they stay the same when the day changes, also to a day
//! on which clocks are turned.

use wizitime_domain::{Day, DurationMs, LocalTime, ProjectId, Timestamp, day_of, day_start};

use super::intent::EntryIntent;
use crate::parse::{
    DateTextError, DurationField, DurationInputError, EndBound, EndField, InputCtx, StartField,
    TimeError, WallInstant, check_length, confirmed_duration, confirmed_time, instant_at,
    ms_of_day, parse_date,
};

/// A draft of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualDraft {
    pub description: String,
    pub project_id: Option<ProjectId>,
    /// The last day that was complete and in range.
    day: Day,
    /// What is wrong with the text in the day field.
    day_error: Option<DateTextError>,
    start: Option<DraftTime>,
    end: Option<DraftTime>,
    /// What the form says; typing takes it away.
    pub message: Option<DraftMessage>,
}

/// What the form says about the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftMessage {
    /// The day is missing, incomplete or out of range.
    Day(DateTextError),
    NeedsStart,
    NeedsEnd,
    /// Clocks skip the time of day that the draft had, on the new day: it became this instant.
    SkippedHour {
        shifted: Timestamp,
    },
}

/// A time of the draft, as an instant and as what clocks show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DraftTime {
    at: Timestamp,
    /// Days after the day of the draft.
    days: i64,
    ms_of_day: i64,
}

impl DraftTime {
    fn new(at: Timestamp, day: Day, zone: &dyn LocalTime) -> Self {
        let days = day_of(at, zone).as_days() - day.as_days();
        Self { at, days, ms_of_day: ms_of_day(at, zone) }
    }

    /// The same time of day for a draft of another day. Of two instants, the second only if the
    /// first is before `not_before`.
    fn moved(
        self,
        day: Day,
        not_before: Timestamp,
        zone: &dyn LocalTime,
    ) -> (Self, Option<DraftMessage>) {
        let instants = instant_at(day.plus(self.days), self.ms_of_day, zone);
        let (at, message) = match instants {
            WallInstant::Once(at) => (at, None),
            WallInstant::Repeated { first, second } => {
                (if first < not_before { second } else { first }, None)
            }
            WallInstant::Skipped { shifted } => {
                (shifted, Some(DraftMessage::SkippedHour { shifted }))
            }
        };
        (Self { at, ..self }, message)
    }
}

impl ManualDraft {
    /// An empty draft for a day.
    pub const fn new(day: Day) -> Self {
        Self {
            description: String::new(),
            project_id: None,
            day,
            day_error: None,
            start: None,
            end: None,
            message: None,
        }
    }

    /// The draft as text, for storage; none if nothing is filled in. Five lines: the day, the
    /// project, the start and the end as numbers, and the description, which has no line breaks.
    pub fn to_text(&self) -> Option<String> {
        let Self { description, project_id, day, start, end, .. } = self;
        if description.is_empty() && project_id.is_none() && start.is_none() && end.is_none() {
            return None;
        }
        let project_id = project_id.map(|id| id.to_string()).unwrap_or_default();
        let time = |time: Option<DraftTime>| time.map(|it| it.at.as_ms().to_string());
        let (start, end) = (time(*start).unwrap_or_default(), time(*end).unwrap_or_default());
        Some(format!("{}\n{project_id}\n{start}\n{end}\n{description}", day.as_days()))
    }

    /// Reads a stored draft. What cannot be read is left out.
    pub fn from_text(text: &str, today: Day, zone: &dyn LocalTime) -> Self {
        let mut lines = text.splitn(5, '\n');
        let mut line = || lines.next().unwrap_or_default();
        let day = line().parse().map_or(today, Day::from_days);
        let project_id = line().parse().ok();
        let time = |line: &str| Timestamp::from_ms(line.parse().ok()?).ok();
        let (start, end) = (time(line()), time(line()));
        let description = line().to_owned();
        let mut draft = Self { description, project_id, ..Self::new(day) };
        draft.set_times(start, end, zone);
        draft
    }

    /// The last day that was complete and in range. The day field may show another text.
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The start.
    pub fn start(&self) -> Option<Timestamp> {
        self.start.map(|it| it.at)
    }

    /// The end.
    pub fn end(&self) -> Option<Timestamp> {
        self.end.map(|it| it.at)
    }

    /// The duration, if there are a start and an end.
    pub fn duration(&self) -> Option<DurationMs> {
        Some(self.end()?.since(self.start()?))
    }

    /// Takes the value of the day field: moves the entry to another day, at the same times of day.
    /// A year that is typed halfway changes nothing.
    pub fn set_day(&mut self, date: &str, zone: &dyn LocalTime) {
        match parse_date(date) {
            Ok(day) => {
                (self.day, self.day_error, self.message) = (day, None, None);
                self.move_times(zone);
            }
            Err(error) => {
                self.day_error = Some(error);
                self.message = match error {
                    DateTextError::OutOfRange => Some(DraftMessage::Day(error)),
                    DateTextError::Missing | DateTextError::PartialYear => None,
                };
            }
        }
    }

    fn move_times(&mut self, zone: &dyn LocalTime) {
        let mut not_before = Timestamp::MIN;
        for time in [&mut self.start, &mut self.end] {
            let Some(old) = *time else { continue };
            let (moved, message) = old.moved(self.day, not_before, zone);
            *time = Some(moved);
            self.message = self.message.or(message);
            not_before = moved.at;
        }
        // An entry within a repeated hour can end at an earlier time of day than it starts.
        if self.duration().is_some_and(|duration| duration < DurationMs::ZERO) {
            self.end = None;
            self.message = Some(DraftMessage::NeedsEnd);
        }
    }

    /// Takes a typed start. An end that was typed before stays if it can.
    ///
    /// # Errors
    /// When the text is not a time, or the start is impossible or needs confirmation.
    pub fn set_start(
        &mut self,
        text: &str,
        is_confirmed: bool,
        ctx: InputCtx<'_>,
    ) -> Result<(), TimeError> {
        let field = StartField { day: self.day, current: self.start(), end: EndBound::Unknown };
        let start = confirmed_time(field.parse(text, ctx), is_confirmed)?;
        let end = self.end().filter(|end| *end >= start);
        if let Some(end) = end {
            let checked = check_length(start, end.since(start), self.duration());
            confirmed_time(checked, is_confirmed)?;
        }
        self.set_times(Some(start), end, ctx.zone);
        Ok(())
    }

    /// Takes a typed end. Without a start, it is on the chosen day.
    ///
    /// # Errors
    /// When the text is not a time, or the end is impossible or needs confirmation.
    pub fn set_end(
        &mut self,
        text: &str,
        is_confirmed: bool,
        ctx: InputCtx<'_>,
    ) -> Result<(), TimeError> {
        let start = self.start().unwrap_or_else(|| day_start(self.day, ctx.zone));
        let field = EndField { start, current: None };
        let end = confirmed_time(field.parse(text, ctx), is_confirmed)?;
        self.set_times(self.start(), Some(end), ctx.zone);
        Ok(())
    }

    /// Takes a typed duration. It keeps the start, or else the end; with neither, the entry ends
    /// now.
    ///
    /// # Errors
    /// When the text is not a duration, or needs confirmation.
    pub fn set_duration(
        &mut self,
        text: &str,
        is_confirmed: bool,
        ctx: InputCtx<'_>,
    ) -> Result<(), DurationInputError> {
        let field = DurationField { current: self.duration() };
        let duration = confirmed_duration(field.parse(text), is_confirmed)?;
        let (start, end) = if let Some(start) = self.start() {
            (start, start.saturating_add(duration))
        } else {
            let end = self.end().unwrap_or(ctx.now);
            (end.saturating_add(DurationMs::ZERO.saturating_sub(duration)), end)
        };
        self.set_times(Some(start), Some(end), ctx.zone);
        Ok(())
    }

    fn set_times(
        &mut self,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        zone: &dyn LocalTime,
    ) {
        if let Some(start) = start {
            let day = day_of(start, zone);
            if day != self.day {
                (self.day, self.day_error) = (day, None);
            }
        }
        let draft_time = |at| DraftTime::new(at, self.day, zone);
        (self.start, self.end) = (start.map(draft_time), end.map(draft_time));
        self.message = None;
    }

    /// The intent that records the entry.
    ///
    /// # Errors
    /// What is missing.
    pub fn intent(&self) -> Result<EntryIntent, DraftMessage> {
        match self.day_error {
            Some(error) => Err(DraftMessage::Day(error)),
            None => Ok(EntryIntent::Add {
                started_at: self.start().ok_or(DraftMessage::NeedsStart)?,
                stopped_at: self.end().ok_or(DraftMessage::NeedsEnd)?,
                description: self.description.trim().to_owned(),
                project_id: self.project_id,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
