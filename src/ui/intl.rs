//! Dates in words, the clock style, the first day of the week and the offsets of time zones, from
//! the browser's `Intl` API.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wizitime_domain::{Day, Timestamp, Weekday};

use super::texts;
use crate::parse::{ClockStyle, offset_of_gmt_text};

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
    static WEEK_START: Weekday = detect_week_start().unwrap_or(Weekday::Monday);
    /// Formatters of the offsets of time zones by name, each none if the browser has no such zone.
    static OFFSETS: RefCell<Vec<(String, Option<Intl::DateTimeFormat>)>> = RefCell::default();
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

/// The first day of the week where the browser's first language is spoken; Monday if the browser
/// does not know.
pub(crate) fn browser_week_start() -> Weekday {
    WEEK_START.with(|it| *it)
}

/// The offset of a time zone from UTC at an instant, in milliseconds; none if the browser does not
/// know the zone.
pub(crate) fn zone_offset_ms(zone: &str, at: Timestamp) -> Option<i64> {
    OFFSETS.with_borrow_mut(|formatters| {
        let index = formatters.iter().position(|(name, _)| name == zone).unwrap_or_else(|| {
            formatters.push((zone.to_owned(), offset_formatter(zone)));
            formatters.len() - 1
        });
        let formatter = formatters[index].1.as_ref()?;
        let date = Date::new(&JsValue::from_f64(at.as_ms() as f64));
        let text = formatter.format().call1(&JsValue::UNDEFINED, &date).ok()?;
        offset_of_gmt_text(&text.as_string()?)
    })
}

fn offset_formatter(zone: &str) -> Option<Intl::DateTimeFormat> {
    let options = object(&[("timeZone", zone), ("timeZoneName", "longOffset")]);
    construct("DateTimeFormat", &Array::of2(&"en-US".into(), &options)).map(JsCast::unchecked_into)
}

/// A new object of a class in `Intl`; none if the browser does not have it or refuses the
/// arguments.
fn construct(class: &str, arguments: &Array) -> Option<JsValue> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class = Reflect::get(&intl, &class.into()).ok()?.dyn_into::<Function>().ok()?;
    Reflect::construct(&class, arguments).ok()
}

fn detect_week_start() -> Option<Weekday> {
    let locale = construct("Locale", &Array::of1(&window().navigator().language()?.into()))?;
    // Older browsers have a property in place of the method.
    let info = match Reflect::get(&locale, &"getWeekInfo".into()).ok()?.dyn_into::<Function>() {
        Ok(get) => get.call0(&locale).ok()?,
        Err(_) => Reflect::get(&locale, &"weekInfo".into()).ok()?,
    };
    let first_day = Reflect::get(&info, &"firstDay".into()).ok()?.as_f64()?;
    // 1970-01-05 was a Monday, which is day 1.
    (1.0..=7.0).contains(&first_day).then(|| Day::from_days(3 + first_day as i64).weekday())
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
