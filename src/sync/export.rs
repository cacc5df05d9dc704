//! Everything that is not on the server, as a file for the person.

use serde::Serialize;
use wizitime_domain::json::{self, JsonText};

use crate::store::State;

#[derive(Serialize)]
struct QuarantinedItem<'a> {
    why: &'a str,
    event: &'a JsonText,
}

/// A JSON text with every waiting and every quarantined event, as they would be sent.
pub fn export_json(state: &State) -> String {
    let waiting: Vec<&str> = state.events.waiting().map(|record| record.json.as_str()).collect();
    let quarantined: Vec<String> = state
        .events
        .quarantined()
        .map(|it| json::to_string(&QuarantinedItem { why: &it.message, event: &it.event.json }))
        .collect();
    format!(
        "{{\n\"format\":\"wizitime-unsynced-1\",\n\
         \"waiting\":[\n{}\n],\n\"set_aside\":[\n{}\n]\n}}\n",
        waiting.join(",\n"),
        quarantined.join(",\n"),
    )
}
