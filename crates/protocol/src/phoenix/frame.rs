//! The text frame: `[join_ref, ref, topic, event, payload]`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use wizitime_domain::json::{self, JsonError, JsonText};

/// A reference that ties a reply to its push, or a message to its join. Whatever JSON value the
/// other end chose, it is kept and sent back verbatim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ref {
    /// There is none.
    #[default]
    Null,
    /// A string, as every current client sends.
    Text(String),
    /// Any other JSON value, as its text.
    Other(JsonText),
}

impl Ref {
    /// The string reference `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is none.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn from_raw(raw: &RawValue) -> Result<Self, JsonError> {
        match raw.get() {
            "null" => Ok(Self::Null),
            text if text.starts_with('"') => json::from_raw(raw).map(Self::Text),
            _ => Ok(Self::Other(raw.into())),
        }
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => text.serialize(serializer),
            Self::Other(json) => json.serialize(serializer),
        }
    }
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Any JSON value.
    Json(JsonText),
    /// Bytes; only binary frames carry them.
    Binary(Vec<u8>),
}

impl Payload {
    /// A JSON payload.
    ///
    /// # Errors
    /// If `json` is not JSON.
    pub fn json(json: &str) -> Result<Self, JsonError> {
        JsonText::parse(json).map(Self::Json)
    }

    /// The payload `{}`.
    pub fn empty() -> Self {
        Self::Json(JsonText::empty_object())
    }

    /// The payload if it is JSON.
    pub fn as_json(&self) -> Option<&RawValue> {
        match self {
            Self::Json(json) => Some(json.as_raw()),
            Self::Binary(_) => None,
        }
    }
}

/// One message, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The join it belongs to.
    pub join_ref: Ref,
    /// The push it is or answers.
    pub reference: Ref,
    pub topic: String,
    pub event: String,
    pub payload: Payload,
}

/// The text is not a frame. Phoenix closes the whole connection with 1011 for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// It is not JSON, or one of the elements is something else.
    Json(JsonError),
    /// It has too few elements.
    Short,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a frame [join_ref, ref, topic, event, payload]: ")?;
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Short => f.write_str("it has fewer than five elements"),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<JsonError> for FrameError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl Frame {
    /// Reads a text frame. Elements after the fifth are ignored, as Phoenix does.
    ///
    /// # Errors
    /// If the text is no JSON array of at least five elements whose third and fourth are strings.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let elements = json::elements(text)?;
        let [join_ref, reference, topic, event, payload, ..] = elements[..] else {
            return Err(FrameError::Short);
        };
        Ok(Self {
            join_ref: Ref::from_raw(join_ref)?,
            reference: Ref::from_raw(reference)?,
            topic: json::from_raw(topic)?,
            event: json::from_raw(event)?,
            payload: Payload::Json(payload.into()),
        })
    }

    /// The frame as text; none if its payload is binary.
    pub fn encode(&self) -> Option<String> {
        let payload = self.payload.as_json()?;
        Some(encode(&self.join_ref, &self.reference, &self.topic, &self.event, payload))
    }

    /// A broadcast as text. It has no refs, so it is the same for all who joined the topic.
    pub fn encode_broadcast(topic: &str, event: &str, payload: &RawValue) -> String {
        encode(&Ref::Null, &Ref::Null, topic, event, payload)
    }
}

fn encode(join_ref: &Ref, reference: &Ref, topic: &str, event: &str, payload: &RawValue) -> String {
    json::to_string(&(join_ref, reference, topic, event, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broadcast_has_no_refs() {
        let payload = JsonText::empty_object();
        let text = Frame::encode_broadcast("t", "news", payload.as_raw());
        assert_eq!(text, r#"[null,null,"t","news",{}]"#);
    }

    #[test]
    fn refs_come_back_verbatim() {
        for (text, expected) in [
            (r#"["1","2","t","e",{"foo":1}]"#, Ref::text("1")),
            (r#"[null,"2","t","e",{"foo":1}]"#, Ref::Null),
            (r#"[1,"2","t","e",{"foo":1}]"#, Ref::Other(JsonText::parse("1").unwrap())),
            (r#"[1.50,"2","t","e",[]]"#, Ref::Other(JsonText::parse("1.50").unwrap())),
        ] {
            let frame = Frame::decode(text).unwrap();
            assert_eq!(frame.join_ref, expected);
            assert_eq!(frame.encode().unwrap(), text);
        }
    }

    #[test]
    fn any_json_is_a_payload_and_more_elements_are_ignored() {
        for payload in ["null", "[]", "\"x\"", "7", "{}"] {
            let frame =
                Frame::decode(&format!("[null,null,\"t\",\"e\",{payload},9,{{}}]")).unwrap();
            assert_eq!(frame.payload.as_json().unwrap().get(), payload);
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            "[null,null,\"t\",\"e\"]",
            "[null,null,1,\"e\",{}]",
            "\u{feff}[null,null,\"t\",\"e\",{}]",
            "[null,null,\"t\",\"e\",{}",
            "[null,null,\"t\",\"e\",{}] x",
        ] {
            assert!(Frame::decode(text).is_err(), "{text}");
        }
    }
}
