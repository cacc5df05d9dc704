//! What holds for the log of an account, whichever server keeps it.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{
    EntryId, Envelope, Event, EventId, EventProcessor, Ledger, Stop, StopBy, TimeEntry,
};

/// P2 "An event takes effect at most once, however often it is sent."
/// P5 "At most one clock runs per user at every commit of the server."
/// P6 "The first explicit stop of an entry stands", also against the start of another clock.
///
/// Returns the data that the log adds up to.
///
/// # Errors
/// The invariant that is violated.
pub fn log_is_sound<'a>(
    log: impl IntoIterator<Item = (u64, &'a Envelope)>,
) -> Result<Ledger, String> {
    let mut ledger = Ledger::default();
    let mut ids = BTreeSet::new();
    for (expected, (seq, envelope)) in (1..).zip(log) {
        if seq != expected {
            return Err(format!("log: it has a gap at {seq}"));
        }
        if !ids.insert(envelope.id) {
            return Err(format!("P2: {} is in the log twice", envelope.id));
        }
        let expected_stop = expected_stop(&ledger, envelope);
        EventProcessor::apply(&mut ledger, envelope)
            .map_err(|rejection| format!("log: it holds a rejected event: {rejection}"))?;
        if let Some((id, stop)) = expected_stop
            && ledger.entry(id).and_then(|entry| entry.stop) != Some(stop)
        {
            return Err(format!("P6: the stop is not {stop:?} after {envelope:?}"));
        }
        let is_backwards =
            |entry: &TimeEntry| entry.stop.is_some_and(|it| it.at < entry.started_at);
        if let Some(entry) = ledger.entries().find(|entry| is_backwards(entry)) {
            return Err(format!("P5: at {seq} an entry ends before it begins: {entry:?}"));
        }
        let running = ledger.entries().filter(|entry| entry.is_running()).count();
        if running > 1 {
            return Err(format!("P5: {running} clocks run at {seq}"));
        }
    }
    Ok(ledger)
}

/// The stop that an entry must have after a STOP_CLOCK: the first explicit one. A deleted entry
/// that was not stopped before stays as it is.
fn expected_stop(ledger: &Ledger, envelope: &Envelope) -> Option<(EntryId, Stop)> {
    let Event::StopClock(event) = &envelope.event else { return None };
    let entry = ledger.entry(event.time_entry_id)?;
    let explicit = entry.stop.filter(|stop| stop.by == StopBy::Explicit);
    let this = Stop { at: event.stopped_at, by: StopBy::Explicit };
    let expected = explicit.or((!entry.deleted).then_some(this))?;
    Some((entry.id, expected))
}

/// P4 "Events of one device take effect in the order in which they were made (across its tabs:
/// nothing before what its tab had seen)."
///
/// `causes` has what each event's tab had seen; an excused event has no place in the order.
///
/// # Errors
/// The invariant that is violated.
pub fn order_is_kept<'a>(
    causes: &BTreeMap<EventId, Vec<EventId>>,
    is_excused: impl Fn(EventId) -> bool,
    log: impl IntoIterator<Item = (u64, &'a Envelope)>,
) -> Result<(), String> {
    let positions: BTreeMap<EventId, u64> =
        log.into_iter().map(|(seq, envelope)| (envelope.id, seq)).collect();
    for (id, causes) in causes {
        let Some(position) = positions.get(id) else { continue };
        for cause in causes.iter().filter(|cause| !is_excused(**cause)) {
            if positions.get(cause).is_none_or(|earlier| earlier > position) {
                return Err(format!("P4: {id} took effect before {cause}, which its tab had seen"));
            }
        }
    }
    Ok(())
}
