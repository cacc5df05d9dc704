//! A JSON value as the text it is.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::error::JsonError;
use crate::fields::Fields;
use crate::scanner::Scanner;

const TEXT: &str = "a text";

/// Borrowed text that is one JSON value, without space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value that `text` is.
    ///
    /// # Errors
    /// If it is not exactly one JSON value.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        Scanner::new(text).only_value().map(Self)
    }

    /// The elements of the list that `text` is.
    ///
    /// # Errors
    /// If it is not exactly one JSON value, or something else.
    pub fn parse_elements(text: &'a str) -> Result<Vec<Self>, JsonError> {
        let mut elements = Vec::new();
        let mut scanner = Scanner::new(text);
        scanner.only_array(&mut |element| elements.push(Self(element)))?;
        Ok(elements)
    }

    /// The value's text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether the value is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether the value is a text.
    pub fn is_text(self) -> bool {
        self.0.starts_with('"')
    }

    /// The value as a text; it is copied only where something is escaped.
    ///
    /// # Errors
    /// If it is something else, or has half of a surrogate pair, which no text can hold.
    pub fn text(self) -> Result<Cow<'a, str>, JsonError> {
        let inner = self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        unescaped(inner.ok_or_else(|| JsonError::not(TEXT))?)
    }

    /// The elements of a list.
    ///
    /// # Errors
    /// If it is something else.
    pub fn elements(self) -> Result<Vec<Self>, JsonError> {
        let mut elements = Vec::new();
        let scanned = Scanner::of_json(self.0).array(&mut |element| elements.push(Self(element)));
        scanned.map(|()| elements).map_err(|_| JsonError::not("a list"))
    }

    /// The members of an object.
    ///
    /// # Errors
    /// If it is something else, or two members have the same name.
    pub fn fields(self) -> Result<Fields<'a>, JsonError> {
        let mut members = Vec::new();
        let mut on_member = |name, value| members.push((Self(name), Self(value)));
        let scanned = Scanner::of_json(self.0).object(&mut on_member);
        scanned.map_err(|_| JsonError::not("an object"))?;
        Fields::new(members)
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What stands between the quotes of a valid text, with its escapes read.
fn unescaped(inner: &str) -> Result<Cow<'_, str>, JsonError> {
    if !inner.contains('\\') {
        return Ok(inner.into());
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escaped.chars();
        let read = match chars.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let (read, length) = code_point(escaped).ok_or_else(|| JsonError::not(TEXT))?;
                out.push(read);
                rest = &escaped[length..];
                continue;
            }
            Some(same) => same,
            None => return Err(JsonError::not(TEXT)),
        };
        out.push(read);
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The character of `uXXXX`, or of `uXXXX\uXXXX` for one beyond the first 65,536, and how many
/// bytes that takes.
fn code_point(escaped: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u32::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(escaped)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).map(|read| (read, 5));
    }
    let second = unit(escaped.get(5..)?.strip_prefix('\\')?)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low).map(|read| (read, 11))
}

/// Owned text that is one JSON value. Cloning it copies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(Arc<str>);

impl JsonText {
    /// The value that `text` is.
    ///
    /// # Errors
    /// If it is not exactly one JSON value.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        Json::parse(text).map(Self::from)
    }

    /// The value `{}`.
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// The value `null`.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The value, borrowed.
    pub fn as_json(&self) -> Json<'_> {
        Json(&self.0)
    }

    /// The value's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whatever a [`crate::ToJson`] wrote is JSON.
    pub(crate) fn written(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Json<'_>> for JsonText {
    fn from(json: Json<'_>) -> Self {
        Self(json.as_str().into())
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
