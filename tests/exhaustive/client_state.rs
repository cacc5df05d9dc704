//! The state of a client core between two inputs.

use std::fmt::Write as _;

use wizitime::app::Core;
use wizitime_domain::EventId;
use wizitime_hub::Session;

use crate::fingerprint::{Fingerprint, Mixer};

/// A client core between two inputs, with what a world asks of it.
#[derive(Debug)]
pub(crate) struct ClientState {
    pub(crate) core: Core,
    /// When it is due to be woken.
    pub(crate) due_ms: Option<u64>,
    /// The fingerprint without the numbers of messages, if no request is pending.
    pub(crate) idle: Option<Fingerprint>,
    /// The cursor of its data, if it is joined and has no overlay.
    pub(crate) settled: Option<u64>,
    /// The events that its screen shows as saved.
    pub(crate) saved: Vec<EventId>,
}

impl ClientState {
    pub(crate) fn new(core: Core, idle: Option<Fingerprint>) -> Self {
        let state = core.state();
        let is_settled = state.connection.joined
            && state.ledger.epoch().is_some()
            && state.events.overlay().next().is_none();
        let is_saved = state.events.not_durable_count() == 0 && state.events.unstored_count() == 0;
        let waiting = state.events.waiting().filter(|_| is_saved);
        let saved = waiting.map(|it| it.envelope.id).collect();
        let settled = is_settled.then(|| state.ledger.cursor());
        let due_ms = core.chain().due().map(|at| at.as_ms());
        Self { core, due_ms, idle, settled, saved }
    }
}

/// Fingerprints of everything that a core decides by: its state and its chain. The source of ids is
/// set before each input; the timeline is derived; the chain knows when it is due; both clocks run
/// alike. The second fingerprint leaves out the numbers of messages, if no request is pending.
pub(crate) fn fingerprints(core: &Core) -> (Fingerprint, Option<Fingerprint>) {
    let mut mixer = Mixer::new();
    let state = core.state();
    // `Debug` hides the token of an account.
    let account = state.session.account().map(wizitime_domain::json::to_json);
    let chain = format!("{:?}", core.chain());
    let written = write!(mixer, "{state:?}{account:?}");
    assert!(written.is_ok(), "a mixer takes every text");
    let with = |text: &str| {
        let mut mixer = mixer;
        let written = mixer.write_str(text);
        assert!(written.is_ok(), "a mixer takes every text");
        mixer.finish()
    };
    let is_idle =
        ["pending: []", "heartbeat: Idle", "state: Joined"].iter().all(|sign| chain.contains(sign));
    let idle = is_idle.then(|| {
        let names = ["last_ref: ", "last_conn: ", "conn: ConnId(", "join_ref: \""];
        with(&names.iter().fold(chain.clone(), |text, name| without_number(&text, name)))
    });
    (with(&chain), idle)
}

/// The fingerprint of a session without the number of its join.
pub(crate) fn idle_session(session: &Session) -> Fingerprint {
    let text = without_number(&format!("{session:?}"), "Text(\"");
    crate::fingerprint::of(&text)
}

/// The text without the digits after `name`.
fn without_number(text: &str, name: &str) -> String {
    let mut parts = text.split(name);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(name);
        kept.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    kept
}
