//! The payload of `phx_reply`.

use wizitime_json::{FromJson, Json, JsonError, JsonText, ToJson, json_object};

/// How a push went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Error,
    /// A status that only the application knows.
    Other(String),
}

impl FromJson for Status {
    fn from_json(json: Json<'_>) -> Result<Self, JsonError> {
        let name = json.text()?;
        Ok(match &*name {
            "ok" => Self::Ok,
            "error" => Self::Error,
            _ => Self::Other(name.into_owned()),
        })
    }
}

impl ToJson for Status {
    fn write_json(&self, out: &mut String) {
        let name = match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Other(name) => name,
        };
        name.write_json(out);
    }
}

/// The answer to a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: Status,
    pub response: JsonText,
}
json_object!(Reply { status, response });
