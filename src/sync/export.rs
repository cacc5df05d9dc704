//! Everything that is not on the server, as a file for the person.

use crate::store::State;

/// A JSON text with every waiting and every quarantined event, as they would be sent.
pub fn export_json(state: &State) -> String {
    let waiting: Vec<&str> = state.events.waiting().map(|record| &*record.json).collect();
    let quarantined: Vec<String> = state
        .events
        .quarantined()
        .map(|it| {
            let why = serde_json::to_string(&it.message).unwrap_or_else(|_| "null".to_owned());
            format!("{{\"why\":{why},\"event\":{}}}", it.record.json)
        })
        .collect();
    format!(
        "{{\n\"format\":\"wizitime-unsynced-1\",\n\
         \"waiting\":[\n{}\n],\n\"set_aside\":[\n{}\n]\n}}\n",
        waiting.join(",\n"),
        quarantined.join(",\n"),
    )
}
