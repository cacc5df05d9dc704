//! A [`Deserializer`] over the text of a value.
//!
//! It offers what the messages consist of and no more: strings, whole numbers, booleans, options,
//! arrays, structs and raw text. A struct is only ever read from an object, so the `visit_seq` that
//! `derive` writes for each struct is never compiled; in the browser that is 12 kB less to download
//! than reading through `serde_json::from_str`.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use super::error::{JsonError, Problem};

/// The most members of an object. Names are compared pairwise to find duplicates; the limit bounds
/// what a hostile object can cost.
pub const MEMBERS_MAX: usize = 256;

const TEXT: &str = "a text";

/// Deserialises one value from its text.
#[derive(Clone, Copy)]
pub(super) struct RawDeserializer<'de> {
    text: &'de str,
    /// Whether the text is known to be JSON.
    is_checked: bool,
}

impl<'de> RawDeserializer<'de> {
    /// A deserializer over text that [`super::parse`] has checked.
    pub(super) fn new(raw: &'de RawValue) -> Self {
        Self { text: raw.get(), is_checked: true }
    }

    /// A deserializer over an array or an object that was not checked: reading its elements or
    /// members is the check.
    pub(super) const fn unchecked_container(text: &'de str) -> Self {
        Self { text, is_checked: false }
    }

    /// The text, known to be JSON.
    fn checked_text(self) -> Result<&'de str, JsonError> {
        if self.is_checked { Ok(self.text) } else { super::parse(self.text).map(RawValue::get) }
    }

    fn number<T: std::str::FromStr>(self, expected: &'static str) -> Result<T, JsonError> {
        self.text.parse().map_err(|_| JsonError::expected(expected))
    }

    fn natural(self) -> Result<u64, JsonError> {
        self.number("a whole number from 0 up")
    }
}

impl<'de> Deserializer<'de> for RawDeserializer<'de> {
    type Error = JsonError;

    /// For the kinds that are not offered.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Err(de::Error::invalid_type(de::Unexpected::Other("JSON"), &visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.text {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(JsonError::expected("true or false")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_i64(self.number("a whole number of 64 bits")?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_u64(self.natural()?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let number = u16::try_from(self.natural()?);
        visitor.visit_u16(number.map_err(|_| JsonError::expected("a whole number of 16 bits"))?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match text(self.text)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.text == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_seq(Elements { rest: elements(self.text)?.into_iter() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_map(Members { rest: members(self.text)?.into_iter(), value: None })
    }

    /// Only [`RawValue`] is read as a newtype. It asks for an object of one member: its own name,
    /// and the text as a string. `serde_json` would read the text once more to answer that.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_map(RawText { name: Some(name), text: self.checked_text()? })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.checked_text()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u32 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct map enum identifier
    }
}

/// The elements of an array that are still to be read.
struct Elements<'de> {
    rest: std::vec::IntoIter<&'de RawValue>,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, JsonError> {
        self.rest.next().map(|raw| seed.deserialize(RawDeserializer::new(raw))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

type Member<'de> = (Cow<'de, str>, &'de RawValue);

/// The members of an object that are still to be read.
struct Members<'de> {
    rest: std::vec::IntoIter<Member<'de>>,
    /// The member whose name was read last.
    value: Option<Member<'de>>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, JsonError> {
        self.value = self.rest.next();
        let name = self.value.as_ref().map(|(name, _)| StrDeserializer::new(name));
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        let (name, raw) = self.value.take().ok_or_else(|| JsonError::new(Problem::Missing))?;
        seed.deserialize(RawDeserializer::new(raw)).map_err(|error| error.at_field(&name))
    }
}

/// The object that a [`RawValue`] is read from.
struct RawText<'de> {
    name: Option<&'static str>,
    text: &'de str,
}

impl<'de> MapAccess<'de> for RawText<'de> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, JsonError> {
        let name = self.name.take().map(BorrowedStrDeserializer::new);
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text))
    }
}

/// The string that a value is; it is copied only where something is escaped.
fn text(text: &str) -> Result<Cow<'_, str>, JsonError> {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Ok(plain.into()),
        // Half of a surrogate pair is JSON, but no string.
        Some(_) => serde_json::from_str::<String>(text)
            .map(Cow::Owned)
            .map_err(|_| JsonError::expected(TEXT)),
        None => Err(JsonError::expected(TEXT)),
    }
}

/// The elements of an array.
pub(super) fn elements(text: &str) -> Result<Vec<&RawValue>, JsonError> {
    serde_json::from_str(text).map_err(|_| JsonError::expected("a list"))
}

/// The members of an object. Names are compared as what they mean, not as how they are escaped.
fn members(text: &str) -> Result<Vec<Member<'_>>, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(MembersVisitor);
    let members = members.and_then(|members| reader.end().map(|()| members));
    let members = members.map_err(|_| {
        let is_object = text.starts_with('{');
        JsonError::expected(if is_object { TEXT } else { "an object" })
    })?;
    if members.len() > MEMBERS_MAX {
        return Err(JsonError::expected("an object of at most 256 members"));
    }
    for (index, (name, _)) in members.iter().enumerate() {
        if members[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(JsonError::new(Problem::Duplicate).at_field(name));
        }
    }
    Ok(members)
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(members)
    }
}
