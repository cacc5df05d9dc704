//! A client, and what a world needs to know of it.

use std::fmt::Write as _;

use wizitime::app::Core;
use wizitime_domain::EventId;
use wizitime_hub::Session;

use crate::fingerprint::{Fingerprint, Mixer};

/// A client between two inputs.
#[derive(Debug)]
pub(crate) struct Mind {
    pub(crate) client: Core,
    /// When it wants to be woken.
    pub(crate) due_ms: Option<u64>,
    /// What it is but for the numbers of its messages, if it waits for no answer.
    pub(crate) calm: Option<Fingerprint>,
    /// How far its data goes, if it is joined and shows nothing of its own.
    pub(crate) settled: Option<u64>,
    /// What its screen calls saved.
    pub(crate) saved: Vec<EventId>,
}

impl Mind {
    pub(crate) fn new(client: Core, calm: Option<Fingerprint>) -> Self {
        let state = client.state();
        let is_settled = state.connection.joined
            && state.ledger.epoch().is_some()
            && state.events.overlay().next().is_none();
        let is_saved = state.events.not_durable_count() == 0 && state.events.unstored_count() == 0;
        let waiting = state.events.waiting().filter(|_| is_saved);
        let saved = waiting.map(|it| it.envelope.id).collect();
        let settled = is_settled.then(|| state.ledger.cursor());
        let due_ms = client.chain().due().map(|at| at.as_ms());
        Self { client, due_ms, calm, settled, saved }
    }
}

/// Everything that a client goes by: its state and its machines. The ids are drawn from a source
/// that is set anew before each input. The timeline is only shown, and when the client is to be
/// woken the machines say. The clocks never part, so when it last looked at them does not matter.
/// The second one is without the numbers of its messages, if it waits for no answer to any.
pub(crate) fn fingerprints(client: &Core) -> (Fingerprint, Option<Fingerprint>) {
    let mut mixer = Mixer::new();
    let state = client.state();
    // What `Debug` hides of an account.
    let account = state.session.account().map(wizitime_domain::json::to_json);
    let machines = format!("{:?}", client.chain());
    let written = write!(mixer, "{state:?}{account:?}");
    assert!(written.is_ok(), "a mixer takes every text");
    let with = |text: &str| {
        let mut mixer = mixer;
        let written = mixer.write_str(text);
        assert!(written.is_ok(), "a mixer takes every text");
        mixer.finish()
    };
    let is_calm = ["pending: []", "heartbeat: Idle", "state: Joined"]
        .iter()
        .all(|sign| machines.contains(sign));
    let calm = is_calm.then(|| {
        let names = ["last_ref: ", "last_conn: ", "conn: ConnId(", "join_ref: \""];
        with(&names.iter().fold(machines.clone(), |text, name| without_number(&text, name)))
    });
    (with(&machines), calm)
}

/// A server's end of a connection without the number of its join.
pub(crate) fn calm_session(session: &Session) -> Fingerprint {
    let text = without_number(&format!("{session:?}"), "Text(\"");
    crate::fingerprint::of(&text)
}

/// The text without the digits that follow `name`.
fn without_number(text: &str, name: &str) -> String {
    let mut parts = text.split(name);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(name);
        kept.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    kept
}
