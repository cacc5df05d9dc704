//! Text frames of Phoenix V2: `[join_ref, ref, topic, event, payload]`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use wizitime_domain::json::{self, JsonError, JsonText};

/// A `ref` or `join_ref`. It relates a reply to its push, or a message to its join. Any JSON value
/// is allowed; the server echoes it verbatim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ref {
    /// `null`: no reference.
    #[default]
    Null,
    /// A string, as sent by every current client.
    Text(String),
    /// Any other JSON value, as its text.
    Other(JsonText),
}

impl Ref {
    /// The string reference `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether it is `null`.
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

/// The payload of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Any JSON value.
    Json(JsonText),
    /// Bytes of a binary frame.
    Binary(Vec<u8>),
}

impl Payload {
    /// A JSON payload.
    ///
    /// # Errors
    /// If `json` is not valid JSON.
    pub fn json(json: &str) -> Result<Self, JsonError> {
        JsonText::parse(json).map(Self::Json)
    }

    /// The payload `{}`.
    pub fn empty() -> Self {
        Self::Json(JsonText::empty_object())
    }

    /// The payload, if it is JSON.
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
    /// The `ref` of the join that the frame belongs to; null in a broadcast.
    pub join_ref: Ref,
    /// The `ref` of a push, repeated in its reply; null in a message of the server.
    pub reference: Ref,
    pub topic: String,
    pub event: String,
    pub payload: Payload,
}

/// The text is not a frame. Phoenix closes the connection with 1011 when it receives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// It is not JSON, or an element has the wrong type.
    Json(JsonError),
    /// It has fewer than five elements.
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
    /// Decodes a text frame. Elements after the fifth are ignored, like in Phoenix.
    ///
    /// # Errors
    /// If the text is not a JSON array of at least five elements whose third and fourth are
    /// strings.
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

    /// Encodes the frame as text; none if its payload is binary.
    pub fn encode(&self) -> Option<String> {
        let payload = self.payload.as_json()?;
        Some(encode(&self.join_ref, &self.reference, &self.topic, &self.event, payload))
    }

    /// Encodes a broadcast. It has no refs, so the text is the same for every subscriber.
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
    fn broadcast_has_no_refs() {
        let payload = JsonText::empty_object();
        let text = Frame::encode_broadcast("t", "changed", payload.as_raw());
        assert_eq!(text, r#"[null,null,"t","changed",{}]"#);
    }

    #[test]
    fn refs_are_preserved_verbatim() {
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
    fn any_json_is_a_payload_and_extra_elements_are_ignored() {
        for payload in ["null", "[]", "\"x\"", "7", "{}"] {
            let frame =
                Frame::decode(&format!("[null,null,\"t\",\"e\",{payload},9,{{}}]")).unwrap();
            assert_eq!(frame.payload.as_json().unwrap().get(), payload);
        }
    }

    #[test]
    fn malformed_frames_are_rejected() {
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
