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
            _ if is_string(raw) => json::from_raw(raw).map(Self::Text),
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
        let [join_ref, reference, topic, event, payload] = elements(text)?;
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

    /// Encodes the frame with a topic that is not a string; none if its payload is binary.
    pub fn encode_with_topic(&self, topic: &JsonText) -> Option<String> {
        let payload = self.payload.as_json()?;
        let Self { join_ref, reference, event, .. } = self;
        Some(json::to_string(&(join_ref, reference, topic, event, payload)))
    }

    /// Encodes a broadcast. It has no refs, so the text is the same for every subscriber.
    pub fn encode_broadcast(topic: &str, event: &str, payload: &RawValue) -> String {
        encode(&Ref::Null, &Ref::Null, topic, event, payload)
    }
}

/// A frame of a client. Phoenix accepts any JSON as its topic and event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFrame {
    /// The frame. A topic or event that is not a string is its JSON text here: no channel and no
    /// event has such a name.
    pub frame: Frame,
    /// The topic, if it is not a string.
    other_topic: Option<JsonText>,
}

impl ClientFrame {
    /// Decodes a text frame of a client.
    ///
    /// # Errors
    /// If the text is not a JSON array of at least five elements.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let [join_ref, reference, topic, event, payload] = elements(text)?;
        let frame = Frame {
            join_ref: Ref::from_raw(join_ref)?,
            reference: Ref::from_raw(reference)?,
            topic: name(topic)?,
            event: name(event)?,
            payload: Payload::Json(payload.into()),
        };
        let other_topic = (!is_string(topic)).then(|| topic.into());
        Ok(Self { frame, other_topic })
    }

    /// The topic, if it is not a string.
    pub const fn other_topic(&self) -> Option<&JsonText> {
        self.other_topic.as_ref()
    }
}

impl From<Frame> for ClientFrame {
    fn from(frame: Frame) -> Self {
        Self { frame, other_topic: None }
    }
}

/// The first five elements.
fn elements(text: &str) -> Result<[&RawValue; 5], FrameError> {
    let elements = json::elements(text)?;
    elements.first_chunk().copied().ok_or(FrameError::Short)
}

fn name(raw: &RawValue) -> Result<String, JsonError> {
    if is_string(raw) { json::from_raw(raw) } else { Ok(raw.get().to_owned()) }
}

fn is_string(raw: &RawValue) -> bool {
    raw.get().starts_with('"')
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
    fn any_json_is_a_topic_and_an_event_of_a_client() {
        for name in ["null", "7", "true", "[]", "{\"a\":1}"] {
            let text = format!(r#"["1","2",{name},{name},{{}}]"#);
            assert!(Frame::decode(&text).is_err(), "{name}");
            let ClientFrame { frame, other_topic } = ClientFrame::decode(&text).unwrap();
            assert_eq!((&*frame.topic, &*frame.event), (name, name));
            let topic = other_topic.unwrap();
            assert_eq!(
                frame.encode_with_topic(&topic).unwrap(),
                format!(r#"["1","2",{name},{},{{}}]"#, json::to_string(name))
            );
        }
        let text = r#"["1","2","t","e",{}]"#;
        let frame = ClientFrame::decode(text).unwrap();
        assert_eq!((frame.frame, frame.other_topic), (Frame::decode(text).unwrap(), None));
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
