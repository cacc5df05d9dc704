//! What other versions of the server make of a frame.

/// A newer server says more, in every answer and about every entry.
pub(crate) fn said_by_newer(text: &str) -> String {
    const ADDED: &str = "\"added_later\":{\"list\":[1,null,\"\\u00e9\"]}";
    let text = text.replace("\"response\":{\"", &format!("\"response\":{{{ADDED},\""));
    text.replace("\"time_entries\":[{", &format!("\"time_entries\":[{{{ADDED},"))
}

/// An older server does not know how to create a project.
pub(crate) fn unknown_to_older(text: &str) -> String {
    text.replace("\"event_type\":\"CREATE_PROJECT\"", "\"event_type\":\"UNHEARD_OF\"")
}
