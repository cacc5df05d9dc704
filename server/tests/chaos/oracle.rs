//! What must hold when all is quiet, promise by promise. The words in quotes are those of the
//! design; what the log alone can show is shared with the simulator.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{Envelope, EventId, EventProcessor, Ledger};

use crate::device::{Device, open_tabs};
use crate::log;

/// What was recorded anywhere, and what each tab had seen when it recorded it.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) events: BTreeMap<EventId, Envelope>,
    /// The events that waited in the tab's buffer when this one was made.
    pub(crate) causes: BTreeMap<EventId, Vec<EventId>>,
    /// Events that were in quarantine at some time: their place in the order is the person's.
    pub(crate) set_aside: BTreeSet<EventId>,
    /// The digests of what tabs held as confirmed, by the cursor they held it for.
    pub(crate) confirmed: BTreeMap<u64, BTreeSet<u64>>,
}

/// Every promise that is broken, by its name.
pub(crate) fn judge(
    recorded: &Recorded,
    devices: &[Device],
    log: &[(u64, Envelope)],
) -> Vec<String> {
    let envelopes = || log.iter().map(|(seq, envelope)| (*seq, envelope));
    let mut broken = Vec::new();
    broken.extend(everything_arrived(recorded, devices, log).err());
    match log::is_sound(envelopes()) {
        Ok(ledger) => broken.extend(all_show_the_same(devices, &ledger).err()),
        Err(why) => broken.push(why),
    }
    broken.extend(confirmed_was_true(recorded, log).err());
    let is_excused = |id: EventId| recorded.set_aside.contains(&id);
    broken.extend(log::order_is_kept(&recorded.causes, is_excused, envelopes()).err());
    broken
}

/// P1 "What the screen has accepted is in the buffer, in the server's log, or in quarantine. Never
/// nowhere." When all is quiet the buffer is empty: it is in the log, or some screen asks about it.
fn everything_arrived(
    recorded: &Recorded,
    devices: &[Device],
    log: &[(u64, Envelope)],
) -> Result<(), String> {
    let mut settled: BTreeSet<EventId> = log.iter().map(|(_, envelope)| envelope.id).collect();
    for (_, _, client) in open_tabs(devices) {
        settled.extend(client.state().events.quarantined().map(|it| it.event.envelope.id));
    }
    let lost: Vec<_> = recorded.events.iter().filter(|(id, _)| !settled.contains(id)).collect();
    match lost.first() {
        Some((id, envelope)) => {
            let count = lost.len();
            Err(format!("P1: {count} events never arrived, the first is {id}: {envelope:?}"))
        }
        None => Ok(()),
    }
}

/// P3 "A BULK_EVENT is wholly visible or not at all, to every reader." As far as the log can show
/// it: whatever a tab held as confirmed is what the log adds up to at that cursor.
fn confirmed_was_true(recorded: &Recorded, log: &[(u64, Envelope)]) -> Result<(), String> {
    let mut ledger = Ledger::default();
    let mut cursor = 0;
    for (expected, digests) in &recorded.confirmed {
        for (seq, envelope) in log.iter().skip_while(|(seq, _)| *seq <= cursor) {
            if seq > expected {
                break;
            }
            // What cannot be applied is told by the check of the log.
            let _ = EventProcessor::apply(&mut ledger, envelope);
        }
        cursor = *expected;
        if digests.iter().any(|digest| *digest != ledger.digest()) {
            return Err(format!("P3: the data confirmed at {cursor} differs from the log"));
        }
    }
    Ok(())
}

/// P7 "When all is quiet every tab and device shows the same state as the server: equal hashes,
/// empty overlay."
fn all_show_the_same(devices: &[Device], log: &Ledger) -> Result<(), String> {
    let expected = log.digest();
    for (device, tab, client) in open_tabs(devices) {
        let state = client.state();
        if state.events.overlay().next().is_some() {
            return Err(format!("P7: tab {device}.{tab} still has an overlay"));
        }
        if state.ledger.shown().digest() != expected {
            return Err(format!("P7: tab {device}.{tab} shows something else than the server"));
        }
    }
    Ok(())
}

/// Whether no tab has anything left to do (P8 asks that it gets there). Then their common cursor
/// is the end of the log: whoever was told that an event is in it asked for all up to there.
pub(crate) fn is_quiet(devices: &[Device]) -> bool {
    let mut cursors = BTreeSet::new();
    let is_idle = open_tabs(devices).all(|(_, _, client)| {
        let state = client.state();
        cursors.insert(state.ledger.cursor());
        state.connection.joined && state.events.overlay().next().is_none()
    });
    is_idle && cursors.len() == 1
}

/// What keeps each tab from being quiet.
pub(crate) fn unrest(devices: &[Device]) -> String {
    let tabs = open_tabs(devices).map(|(device, tab, client)| {
        let state = client.state();
        let overlay: Vec<EventId> = state.events.overlay().map(|it| it.envelope.id).collect();
        let waiting = state.events.waiting_count();
        let (joined, cursor) = (state.connection.joined, state.ledger.cursor());
        format!(
            "tab {device}.{tab} joined {joined} cursor {cursor} waiting {waiting} \
             overlay {overlay:?}"
        )
    });
    tabs.collect::<Vec<_>>().join("; ")
}
