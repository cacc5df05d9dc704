//! What can be read from a JSON value.

use std::borrow::Cow;

use crate::error::JsonError;
use crate::value::{Json, JsonText};

/// Something that a JSON value can mean.
pub trait FromJson: Sized {
    /// What a field means that is not there, for a field that may be missing.
    const MISSING: Option<Self> = None;

    /// Reads the value.
    ///
    /// # Errors
    /// If it is something else.
    fn from_json(json: Json<'_>) -> Result<Self, JsonError>;
}

/// Reads a JSON text.
///
/// # Errors
/// If it is not JSON, or means something else.
pub fn from_json<T: FromJson>(text: &str) -> Result<T, JsonError> {
    T::from_json(Json::parse(text)?)
}

/// Reads one of several things that go by names.
///
/// # Errors
/// If the value is not the name of any of them.
pub fn from_name<T: Copy>(
    json: Json<'_>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    what: &'static str,
) -> Result<T, JsonError> {
    let text = json.text()?;
    all.iter().copied().find(|it| name(*it) == text).ok_or_else(|| JsonError::not(what))
}

impl FromJson for String {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        json.text().map(Cow::into_owned)
    }
}

impl FromJson for bool {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        match json.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(JsonError::not("true or false")),
        }
    }
}

impl FromJson for i64 {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        json.as_str().parse().map_err(|_| JsonError::not("a whole number of 64 bits"))
    }
}

impl FromJson for u64 {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        json.as_str().parse().map_err(|_| JsonError::not("a whole number from 0 up"))
    }
}

impl FromJson for u16 {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        let number = u64::from_json(json)?;
        number.try_into().map_err(|_| JsonError::not("a whole number of 16 bits"))
    }
}

impl FromJson for usize {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        let number = u64::from_json(json)?;
        number.try_into().map_err(|_| JsonError::not("a number that fits into memory"))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    const MISSING: Option<Self> = Some(None);

    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        if json.is_null() { Ok(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        json.elements()?.into_iter().map(T::from_json).collect()
    }
}

impl FromJson for JsonText {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        Ok(json.into())
    }
}
