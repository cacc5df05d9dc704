//! Owned JSON text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::error::JsonError;

/// The exact text of one JSON value. Cloning it copies nothing.
#[derive(Clone)]
pub struct JsonText(Arc<RawValue>);

impl JsonText {
    /// The value that `text` is; see [`super::parse`].
    ///
    /// # Errors
    /// If it is not exactly one JSON value.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        super::parse(text).map(Self::from)
    }

    /// The value `{}`.
    pub fn empty_object() -> Self {
        #[derive(Serialize)]
        struct Empty {}
        to_json(&Empty {})
    }

    /// The value `null`.
    pub fn null() -> Self {
        Self::from(RawValue::NULL)
    }

    /// The value, borrowed.
    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }

    /// The value's text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

/// The JSON of a value: compact, the same bytes every time.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> JsonText {
    written(to_raw_value(value).map(|raw| JsonText(raw.into())))
}

/// The JSON of a value as a string; see [`to_json`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> String {
    written(serde_json::to_string(value))
}

/// Writing to memory fails only for map keys that are no strings, and if a `Serialize` fails by
/// itself. No type of this workspace has either. The error is not printed, because the browser
/// would have to download its messages.
fn written<T>(result: serde_json::Result<T>) -> T {
    result.unwrap_or_else(|_| unreachable!("every type of the workspace has a JSON form"))
}

impl From<&RawValue> for JsonText {
    fn from(raw: &RawValue) -> Self {
        Self(raw.to_owned().into())
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonText").field(&self.as_str()).finish()
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.into()))
    }
}
