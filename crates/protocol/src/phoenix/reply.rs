//! The payload of `phx_reply`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How a push went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Error,
    /// A status that only the application knows.
    #[serde(untagged)]
    Other(String),
}

/// The answer to a push.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    pub status: Status,
    pub response: Box<RawValue>,
}
