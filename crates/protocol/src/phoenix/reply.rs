//! The payload of `phx_reply`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wizitime_domain::json::{JsonText, parse_str};

/// How a push went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Error,
    /// A status that only the application knows.
    Other(String),
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer, "a status", |name| {
            Some(match name {
                "ok" => Self::Ok,
                "error" => Self::Error,
                _ => Self::Other(name.to_owned()),
            })
        })
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Other(name) => name,
        })
    }
}

/// The answer to a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub status: Status,
    pub response: JsonText,
}
