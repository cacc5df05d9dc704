//! Everything that is not on the server, as a file for the person.

use wizitime_json::object;

use crate::store::State;

/// A JSON text with every waiting and every quarantined event, as they would be sent.
pub fn export_json(state: &State) -> String {
    let waiting: Vec<&str> = state.events.waiting().map(|record| record.json.as_str()).collect();
    let quarantined: Vec<String> = state
        .events
        .quarantined()
        .map(|it| {
            let item = object(|item| {
                item.member("why", &it.message).member("event", &it.event.json);
            });
            item.to_string()
        })
        .collect();
    format!(
        "{{\n\"format\":\"wizitime-unsynced-1\",\n\
         \"waiting\":[\n{}\n],\n\"set_aside\":[\n{}\n]\n}}\n",
        waiting.join(",\n"),
        quarantined.join(",\n"),
    )
}
