//! The payload of `phx_reply`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wizitime_domain::json::{JsonText, parse_str};

/// The status of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Error,
    /// A status defined by the application.
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

/// The payload of `phx_reply`: the reply to a push or a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub status: Status,
    pub response: JsonText,
}
