//! Dates in words and the clock style, from the browser's `Intl` API.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use wizitime_domain::Day;

use super::texts;
use crate::parse::ClockStyle;

const DAY_MS: f64 = 86_400_000.0;

/// The parts of a date to show.
#[derive(Clone, Copy)]
pub(crate) enum DateParts {
    /// Tuesday
    Weekday,
    /// 24 November
    DayMonth,
    /// 24 November 2026
    DayMonthYear,
    /// Tuesday, 24 November
    WeekdayDayMonth,
    /// 24 Nov
    Short,
}

thread_local! {
    static LOCALE: String = detect_locale();
    static WEEKDAY: Intl::DateTimeFormat = formatter(&[("weekday", "long")]);
    static DAY_MONTH: Intl::DateTimeFormat = formatter(&[("day", "numeric"), ("month", "long")]);
    static DAY_MONTH_YEAR: Intl::DateTimeFormat =
        formatter(&[("day", "numeric"), ("month", "long"), ("year", "numeric")]);
    static WEEKDAY_DAY_MONTH: Intl::DateTimeFormat =
        formatter(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]);
    static SHORT: Intl::DateTimeFormat = formatter(&[("day", "numeric"), ("month", "short")]);
    static CLOCK: ClockStyle = detect_clock_style();
}

/// A date in words.
pub(crate) fn format_date(day: Day, parts: DateParts) -> String {
    let formatter = match parts {
        DateParts::Weekday => &WEEKDAY,
        DateParts::DayMonth => &DAY_MONTH,
        DateParts::DayMonthYear => &DAY_MONTH_YEAR,
        DateParts::WeekdayDayMonth => &WEEKDAY_DAY_MONTH,
        DateParts::Short => &SHORT,
    };
    let date = Date::new(&JsValue::from_f64(day.as_days() as f64 * DAY_MS));
    let text = formatter.with(|it| it.format().call1(&JsValue::UNDEFINED, &date));
    // A date outside the range of `Date`.
    text.ok().and_then(|it| it.as_string()).unwrap_or_else(|| crate::parse::date_text(day))
}

/// The clock style of the browser's first language.
pub(crate) fn browser_clock_style() -> ClockStyle {
    CLOCK.with(|it| *it)
}

fn detect_clock_style() -> ClockStyle {
    let options = object(&[("hour", "numeric")]);
    let format = Intl::DateTimeFormat::new(&Array::new(), &options);
    let cycle = Reflect::get(&format.resolved_options(), &"hourCycle".into());
    match cycle.ok().and_then(|it| it.as_string()).as_deref() {
        Some("h11" | "h12") => ClockStyle::H12,
        _ => ClockStyle::H24,
    }
}

/// The user's variety of the catalogue's language, so that dates match the texts.
fn detect_locale() -> String {
    let languages = window().navigator().languages();
    let own = languages.iter().filter_map(|it| it.as_string());
    let mut own = own.filter(|it| it.split('-').next() == Some(texts::LANGUAGE));
    own.next().unwrap_or_else(|| texts::LANGUAGE.to_owned())
}

/// A formatter in UTC, in which days are counted.
fn formatter(parts: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let options = object(parts);
    set(&options, "timeZone", "UTC");
    let locales = LOCALE.with(|it| Array::of1(&it.as_str().into()));
    Intl::DateTimeFormat::new(&locales, &options)
}

fn object(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    pairs.iter().for_each(|(name, value)| set(&object, name, value));
    object
}

fn set(object: &Object, name: &str, value: &str) {
    let is_set = Reflect::set(object, &name.into(), &value.into());
    debug_assert!(is_set.is_ok(), "a new object accepts any property");
}
