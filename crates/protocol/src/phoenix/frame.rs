//! The text frame: `[join_ref, ref, topic, event, payload]`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

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
    Other(String),
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

    fn from_raw(raw: &RawValue) -> Result<Self, serde_json::Error> {
        match raw.get() {
            "null" => Ok(Self::Null),
            text if text.starts_with('"') => serde_json::from_str(text).map(Self::Text),
            other => Ok(Self::Other(other.to_owned())),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Text(text) => write_string(text, out),
            Self::Other(raw) => out.push_str(raw),
        }
    }
}

/// What a frame carries.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Any JSON value.
    Json(Box<RawValue>),
    /// Bytes; only binary frames carry them.
    Binary(Vec<u8>),
}

impl Payload {
    /// A JSON payload.
    ///
    /// # Errors
    /// If `json` is not JSON.
    pub fn json(json: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(json.into()).map(Self::Json)
    }

    /// The payload `{}`.
    pub fn empty() -> Self {
        let object = RawValue::from_string("{}".to_owned());
        Self::Json(object.unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// The payload's JSON text, if it is JSON.
    pub fn as_json(&self) -> Option<&str> {
        match self {
            Self::Json(raw) => Some(raw.get()),
            Self::Binary(_) => None,
        }
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json(one), Self::Json(two)) => one.get() == two.get(),
            (Self::Binary(one), Self::Binary(two)) => one == two,
            (Self::Json(_), Self::Binary(_)) | (Self::Binary(_), Self::Json(_)) => false,
        }
    }
}

/// One message, in either direction.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Debug)]
pub struct FrameError(serde_json::Error);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a frame [join_ref, ref, topic, event, payload]: {}", self.0)
    }
}

impl std::error::Error for FrameError {}

impl Frame {
    /// Reads a text frame. Elements after the fifth are ignored, as Phoenix does.
    ///
    /// # Errors
    /// If the text is no JSON array of at least five elements whose third and fourth are strings.
    pub fn decode(text: &str) -> Result<Self, FrameError> {
        serde_json::from_str::<Self>(text).map_err(FrameError)
    }

    /// The frame as text; none if its payload is binary.
    pub fn encode(&self) -> Option<String> {
        let payload = self.payload.as_json()?;
        let mut out = String::with_capacity(payload.len() + self.topic.len() + 48);
        out.push('[');
        self.join_ref.write(&mut out);
        out.push(',');
        self.reference.write(&mut out);
        out.push(',');
        write_string(&self.topic, &mut out);
        out.push(',');
        write_string(&self.event, &mut out);
        out.push(',');
        out.push_str(payload);
        out.push(']');
        Some(out)
    }
}

fn write_string(text: &str, out: &mut String) {
    // Serializing a &str to memory has no way to fail; the empty string keeps the frame whole.
    out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()));
}

impl<'de> Deserialize<'de> for Frame {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Elements;

        impl<'de> Visitor<'de> for Elements {
            type Value = Frame;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of five elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Frame, A::Error> {
                let short = || A::Error::custom("fewer than five elements");
                let join_ref: &RawValue = seq.next_element()?.ok_or_else(short)?;
                let reference: &RawValue = seq.next_element()?.ok_or_else(short)?;
                let frame = Frame {
                    join_ref: Ref::from_raw(join_ref).map_err(A::Error::custom)?,
                    reference: Ref::from_raw(reference).map_err(A::Error::custom)?,
                    topic: seq.next_element()?.ok_or_else(short)?,
                    event: seq.next_element()?.ok_or_else(short)?,
                    payload: Payload::Json(seq.next_element()?.ok_or_else(short)?),
                };
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(frame)
            }
        }

        from.deserialize_seq(Elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_come_back_verbatim() {
        for (text, expected) in [
            (r#"["1","2","t","e",{"foo":1}]"#, Ref::text("1")),
            (r#"[null,"2","t","e",{"foo":1}]"#, Ref::Null),
            (r#"[1,"2","t","e",{"foo":1}]"#, Ref::Other("1".into())),
            (r#"[1.50,"2","t","e",[]]"#, Ref::Other("1.50".into())),
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
            assert_eq!(frame.payload.as_json(), Some(payload));
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
