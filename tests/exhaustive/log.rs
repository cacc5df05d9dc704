//! What the log of an account must be, whichever server kept it. The words in quotes are those of
//! the design.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{
    EntryId, Envelope, Event, EventId, EventProcessor, Ledger, Stop, StopBy, TimeEntry,
};

/// P2 "An event takes effect at most once, however often it is sent."
/// P5 "At most one clock runs per user at every commit of the server."
/// P6 "The first explicit stop of an entry stands", against another clock's start as well.
///
/// Answers what the log adds up to.
pub(crate) fn is_sound<'a>(
    log: impl IntoIterator<Item = (u64, &'a Envelope)>,
) -> Result<Ledger, String> {
    let mut ledger = Ledger::default();
    let mut ids = BTreeSet::new();
    for (expected, (seq, envelope)) in (1..).zip(log) {
        if seq != expected {
            return Err(format!("the log has a gap at {seq}"));
        }
        if !ids.insert(envelope.id) {
            return Err(format!("P2: {} is in the log twice", envelope.id));
        }
        let stop_due = stop_due(&ledger, envelope);
        EventProcessor::apply(&mut ledger, envelope)
            .map_err(|rejection| format!("the log holds a rejected event: {rejection}"))?;
        if let Some((id, due)) = stop_due
            && ledger.entry(id).and_then(|entry| entry.stop) != Some(due)
        {
            return Err(format!("P6: the end is not {due:?} after {envelope:?}"));
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

/// The end that an entry must have after a STOP_CLOCK: that of the first one. What is deleted and
/// was not stopped before is left as it is.
fn stop_due(ledger: &Ledger, envelope: &Envelope) -> Option<(EntryId, Stop)> {
    let Event::StopClock(event) = &envelope.event else { return None };
    let entry = ledger.entry(event.time_entry_id)?;
    let explicit = entry.stop.filter(|stop| stop.by == StopBy::Explicit);
    let this = Stop { at: event.stopped_at, by: StopBy::Explicit };
    let due = explicit.or((!entry.deleted).then_some(this))?;
    Some((entry.id, due))
}

/// P4 "Events of one device take effect in the order in which they were made (across its tabs:
/// nothing before what its tab had seen)."
///
/// `causes` has what each event's tab had seen; what is excused has no place in the order.
pub(crate) fn order_is_kept<'a>(
    causes: &BTreeMap<EventId, Vec<EventId>>,
    is_excused: impl Fn(EventId) -> bool,
    log: impl IntoIterator<Item = (u64, &'a Envelope)>,
) -> Result<(), String> {
    let places: BTreeMap<EventId, u64> =
        log.into_iter().map(|(seq, envelope)| (envelope.id, seq)).collect();
    for (id, causes) in causes {
        let Some(place) = places.get(id) else { continue };
        for cause in causes.iter().filter(|cause| !is_excused(**cause)) {
            if places.get(cause).is_none_or(|earlier| earlier > place) {
                return Err(format!("P4: {id} took effect before {cause}, which its tab had seen"));
            }
        }
    }
    Ok(())
}
