//! The invariants, checked against the log in the database when all is quiet.

use std::collections::{BTreeMap, BTreeSet};

use wizitime::app::Core;
use wizitime_domain::{Envelope, EventId, EventProcessor, Ledger};
use wizitime_testkit::{History, TabId, invariants};

/// The digests of confirmed data that tabs held, by cursor.
pub(crate) type ConfirmedSamples = BTreeMap<u64, BTreeSet<u64>>;

/// Every violation, with the invariant that is violated.
pub(crate) fn violations(
    history: &History,
    samples: &ConfirmedSamples,
    tabs: &[(TabId, &Core)],
    log: &[(u64, Envelope)],
) -> Vec<String> {
    let ids: BTreeSet<EventId> = log.iter().map(|(_, envelope)| envelope.id).collect();
    let envelopes = || log.iter().map(|(seq, envelope)| (*seq, envelope));
    let cores = tabs.iter().map(|(_, core)| *core);
    let mut violations = Vec::new();
    violations.extend(invariants::all_arrived(history, cores, |id| ids.contains(&id)).err());
    let returned = history.gone().find(|(id, was_sent)| !was_sent && ids.contains(id));
    violations.extend(returned.map(|(id, _)| format!("P1: {id} was discarded and is in the log")));
    match invariants::log_adds_up(envelopes()) {
        Ok(ledger) => {
            violations.extend(invariants::all_tabs_show(&ledger, tabs.iter().copied()).err());
        }
        Err(violation) => violations.push(violation),
    }
    violations.extend(confirmed_is_in_the_log(samples, log).err());
    let is_excused = |id| history.may_be_reordered(id);
    let causes = &history.causes;
    violations.extend(invariants::log_order_is_kept(causes, is_excused, envelopes()).err());
    violations
}

/// P3 "A BULK_EVENT is wholly visible or not at all, to every reader", as far as the log shows it:
/// the confirmed data of a tab is what the log adds up to at that cursor.
fn confirmed_is_in_the_log(
    samples: &ConfirmedSamples,
    log: &[(u64, Envelope)],
) -> Result<(), String> {
    let mut ledger = Ledger::default();
    let mut cursor = 0;
    for (expected, digests) in samples {
        for (seq, envelope) in log.iter().skip_while(|(seq, _)| *seq <= cursor) {
            if seq > expected {
                break;
            }
            // An event that cannot be applied is reported by the check of the log.
            let _ = EventProcessor::apply(&mut ledger, envelope);
        }
        cursor = *expected;
        if digests.iter().any(|digest| *digest != ledger.digest()) {
            return Err(format!("P3: the data confirmed at {cursor} differs from the log"));
        }
    }
    Ok(())
}

/// Whether no tab has anything left to do (P8). Then their common cursor is the end of the log: a
/// tab whose event was acknowledged asked for all changes up to there.
pub(crate) fn is_quiet<'a>(tabs: impl Iterator<Item = &'a Core>) -> bool {
    let mut cursors = BTreeSet::new();
    let mut is_idle = true;
    for core in tabs {
        let state = core.state();
        cursors.insert(state.ledger.cursor());
        is_idle &= state.connection.joined && state.events.overlay().next().is_none();
    }
    is_idle && cursors.len() == 1
}
