//! The export of everything that is not on the server.

use serde::Serialize;
use wizitime_domain::json::{self, JsonText};

use crate::store::State;

#[derive(Serialize)]
struct QuarantinedItem<'a> {
    /// The server's sentence, or the code if there is none.
    why: &'a str,
    event: &'a JsonText,
}

/// A JSON text with every waiting and every quarantined event, as they would be sent.
pub fn export_json(state: &State) -> String {
    let waiting: Vec<&str> = state.events.waiting().map(|event| event.json.as_str()).collect();
    let quarantined: Vec<String> = state
        .events
        .quarantined()
        .map(|it| {
            let message = Some(it.reason.message.as_str()).filter(|text| !text.is_empty());
            let why = message.unwrap_or_else(|| it.reason.code.as_str());
            json::to_string(&QuarantinedItem { why, event: &it.event.json })
        })
        .collect();
    format!(
        "{{\n\"format\":\"wizitime-unsynced-1\",\n\
         \"waiting\":[\n{}\n],\n\"set_aside\":[\n{}\n]\n}}\n",
        waiting.join(",\n"),
        quarantined.join(",\n"),
    )
}
