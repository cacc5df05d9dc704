//! JSON (RFC 8259): the one place where text from storage, files and the network becomes types.
//!
//! Types derive [`serde::Deserialize`] and [`serde::Serialize`] as usual. They are read by
//! [`from_str`] or [`from_raw`], which go through one small [`serde::Deserializer`] over
//! [`RawValue`]: it keeps the exact text of values that are passed on ([`JsonText`]), names the
//! field in every error ([`JsonError`]), bounds depth and width, and refuses duplicate members.
//! `serde_json` checks the grammar and writes. Fractions are not supported: no message has any.

mod depth;
mod deserializer;
mod error;
mod text;

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde_json::value::RawValue;

use deserializer::RawDeserializer;

pub use depth::DEPTH_MAX;
pub use deserializer::MEMBERS_MAX;
pub use error::{JsonError, Problem};
pub use text::{JsonText, to_json, to_string};

/// Checks that the text is exactly one JSON value that is nested at most [`DEPTH_MAX`] deep.
///
/// # Errors
/// If it is not.
pub fn parse(text: &str) -> Result<&RawValue, JsonError> {
    depth::check(text)?;
    serde_json::from_str(text).map_err(|error| JsonError::syntax(text, &error))
}

/// Deserialises a value from its text.
///
/// # Errors
/// If the text is not JSON ([`parse`]) or not a `T`.
pub fn from_str<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    T::deserialize(deserializer(text)?).map_err(|error| syntax_error_or(error, text))
}

/// A deserializer over a text. Reading a container checks it: to check it before would be to read
/// every text twice.
fn deserializer(text: &str) -> Result<RawDeserializer<'_>, JsonError> {
    if is_container(text) {
        depth::check(text)?;
        Ok(RawDeserializer::unchecked_container(text))
    } else {
        parse(text).map(RawDeserializer::new)
    }
}

/// Deserialises a value from text that [`parse`] has checked.
///
/// # Errors
/// If it is not a `T`.
pub fn from_raw<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, JsonError> {
    T::deserialize(RawDeserializer::new(raw))
}

/// The elements of the array that the text is, each as its text.
///
/// # Errors
/// If the text is not JSON ([`parse`]) or not an array.
pub fn elements(text: &str) -> Result<Vec<&RawValue>, JsonError> {
    depth::check(text)?;
    deserializer::elements(text).map_err(|error| syntax_error_or(error, text))
}

fn is_container(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
}

/// The error of the grammar, if there is one: it comes first, wherever it is in the text.
#[cold]
fn syntax_error_or(error: JsonError, text: &str) -> JsonError {
    parse(text).err().unwrap_or(error)
}

/// Implements [`Deserialize`] for a type that is a string: `parse` is given the string and answers
/// `None` if it is not what is `expected`.
///
/// # Errors
/// If the value is no string, or `parse` does not take it.
pub fn parse_str<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(ParseStr { expected, parse })
}

struct ParseStr<T> {
    expected: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for ParseStr<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self.expected))
    }
}

/// Deserialises a field that is present; use it with `#[serde(default)]` on an `Option` for which
/// a missing member is `None` and `null` is not: "leave as it is" and "set to nothing".
///
/// # Errors
/// If the value is not a `T`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
