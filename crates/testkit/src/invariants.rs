//! The invariants of docs/TESTING.md as checks. Quotes are from the design.
//!
//! Not here: P9 compares two runs (`tests/simulation`), P10 is a property test of `crates/domain`,
//! P11 is checked at every undo and redo in `acts.rs`, P13 frame by frame in `tests/fuzz`, and P14
//! in `server/tests`.

use std::collections::BTreeSet;

use wizitime::app::Core;
use wizitime::features::SyncIntent;
use wizitime::store::record::QuarantineCode;
use wizitime::store::slices::notices::Notice;
use wizitime_domain::{Envelope, Event, EventId, Ledger, TimeEntry, UserId};
use wizitime_hub::{Head, MemoryLog};

use crate::device::TabId;
use crate::fake_server::FakeServer;
use crate::history::History;
pub use crate::log_invariants::{log_is_sound as log_adds_up, order_is_kept as log_order_is_kept};
use crate::profile::Profile;

/// The result of a check: the error names the invariant that is violated.
pub type Check = Result<(), String>;

/// Everything that a check looks at.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    pub profiles: Vec<&'a Profile>,
    /// The tabs that can still do something.
    pub tabs: Vec<(TabId, &'a Core)>,
    pub log: &'a MemoryLog,
    pub user_id: UserId,
}

/// The events that are in no log and in no store, nor in the memory of a tab that says so.
pub(crate) fn nowhere(history: &History, observed: &Observed<'_>) -> Vec<EventId> {
    let is_in_memory = |event: &Envelope| {
        history.refused.contains(&event.id)
            && observed.tabs.iter().any(|(_, core)| core.state().events.is_known(event))
    };
    let is_lost = |event: &&Envelope| is_nowhere(event.id, observed) && !is_in_memory(event);
    history.events.values().filter(is_lost).map(|event| event.id).collect()
}

/// Whether an event is in no log and in no store.
pub fn is_nowhere(id: EventId, observed: &Observed<'_>) -> bool {
    !observed.log.contains(observed.user_id, id) && !observed.profiles.iter().any(|it| it.holds(id))
}

/// P1 "What the screen has accepted is in the buffer, in the server's log, or in quarantine.
/// Never nowhere."
pub fn nothing_is_nowhere(history: &History, observed: &Observed<'_>) -> Check {
    match nowhere(history, observed).first() {
        Some(id) => Err(format!("P1: {id} is nowhere: {:?}", history.events.get(id))),
        None => Ok(()),
    }
}

/// P1 at the end: an accepted event is in the log, or some tab has it in quarantine.
pub fn everything_arrived(history: &History, observed: &Observed<'_>) -> Check {
    let is_logged = |id: EventId| observed.log.contains(observed.user_id, id);
    all_arrived(history, observed.tabs.iter().map(|(_, core)| *core), is_logged)
}

/// The same for any log.
pub fn all_arrived<'a>(
    history: &History,
    tabs: impl Iterator<Item = &'a Core>,
    is_logged: impl Fn(EventId) -> bool,
) -> Check {
    let mut quarantined: BTreeSet<EventId> = BTreeSet::new();
    for core in tabs {
        quarantined.extend(core.state().events.quarantined().map(|it| it.event.envelope.id));
    }
    let is_settled = |id: &EventId| is_logged(*id) || quarantined.contains(id);
    match history.events.iter().find(|(id, _)| !is_settled(id)) {
        Some((id, envelope)) => Err(format!("P1: {id} never arrived: {envelope:?}")),
        None => Ok(()),
    }
}

/// P1 at the end: an event that the user gave up has not come back, unless it was sent before.
pub fn discarded_events_stay_away(history: &History, observed: &Observed<'_>) -> Check {
    for (id, was_sent) in history.gone() {
        if !was_sent && observed.log.contains(observed.user_id, id) {
            return Err(format!("P1: {id} was discarded and is in the log"));
        }
        for (tab, core) in &observed.tabs {
            let events = &core.state().events;
            if events.find_waiting(id).is_some() || events.find_quarantined(id).is_some() {
                return Err(format!("P1: {id} was discarded and is in {tab}"));
            }
        }
    }
    Ok(())
}

/// P1 at the end: quarantine holds only what the server has rejected and what depends on that, and
/// nothing that the server has accepted. A restored server is sent events again that it may have,
/// and one of two copies of a profile may wait with what it has from the other; such an event can
/// still be quarantined with one that is rejected.
pub fn only_rejected_events_are_quarantined(
    history: &History,
    observed: &Observed<'_>,
    server: &FakeServer,
    has_copied_profile: bool,
) -> Check {
    let is_resent = server.was_restored || has_copied_profile;
    for (tab, core) in &observed.tabs {
        for it in core.state().events.quarantined() {
            let id = it.event.envelope.id;
            let is_dependent = it.reason.code == QuarantineCode::Dependent;
            // What an older server rejected, it may accept from a copy once it is upgraded. What
            // was retried in one copy of a profile is still quarantined in the other. What was
            // retried seconds before a crash may be in quarantine again, until it is retried again.
            let may_be_accepted = is_dependent && is_resent
                || has_copied_profile
                || server.speaks_older
                || history.may_have_lost_a_retry(id);
            let is_accepted = observed.log.contains(observed.user_id, id) && !may_be_accepted;
            let is_project = matches!(it.event.envelope.event, Event::CreateProject(_));
            let is_rejected = server.rejected.contains(&id) || server.speaks_older && is_project;
            if is_accepted || !(is_dependent || is_rejected) {
                return Err(format!("P1: {tab} quarantined {id} without a reason"));
            }
        }
    }
    Ok(())
}

/// P1 for an export: it has every event of the buffer that is not on the server.
pub fn export_is_complete(core: &Core, text: &str) -> Check {
    let events = &core.state().events;
    let quarantined = events.quarantined().map(|it| it.event.envelope.id);
    let mut ids = events.waiting().map(|it| it.envelope.id).chain(quarantined);
    match ids.find(|id| !text.contains(&id.to_string())) {
        Some(id) => Err(format!("P1: {:?} lacks {id}", SyncIntent::ExportUnsynced)),
        None => Ok(()),
    }
}

/// P2, P5 and P6, and the one interpreter of events: the server's data is the fold of its log.
pub fn log_is_sound(log: &MemoryLog, user_id: UserId) -> Check {
    let ledger = log_adds_up(envelopes(log, user_id))?;
    if ledger.digest() != log.ledger(user_id).digest() {
        return Err("log: the server's data is not the fold of its log".to_owned());
    }
    Ok(())
}

fn envelopes(log: &MemoryLog, user_id: UserId) -> impl Iterator<Item = (u64, &Envelope)> {
    log.events(user_id).iter().map(|accepted| (accepted.seq, &accepted.event.envelope))
}

/// P3 "A BULK_EVENT is wholly visible or not at all, to every reader": the confirmed data of a tab
/// is the server's data at the end of some commit.
pub fn confirmed_is_a_commit(core: &Core, server: &FakeServer) -> Check {
    let ledger = &core.state().ledger;
    let Some(epoch) = ledger.epoch() else { return Ok(()) };
    match server.commits.get(&(epoch, ledger.cursor())) {
        Some(expected) if expected == ledger.confirmed() => Ok(()),
        Some(_) => Err(format!("P3: the data confirmed at {} differs", ledger.cursor())),
        None => Err(format!("P3: {} is in the middle of a commit", ledger.cursor())),
    }
}

/// P4. A crash may lose an event that was never shown as saved, with all that follows from it.
pub fn order_is_kept(history: &History, log: &MemoryLog, user_id: UserId) -> Check {
    let is_excused = |id| history.may_be_reordered(id);
    log_order_is_kept(&history.causes, is_excused, envelopes(log, user_id))
}

/// P7 "When all is quiet every tab and device shows the same state as the server: equal hashes,
/// empty overlay."
pub fn all_tabs_show<'a>(
    expected: &Ledger,
    tabs: impl IntoIterator<Item = (TabId, &'a Core)>,
) -> Check {
    let expected = expected.digest();
    for (tab, core) in tabs {
        let state = core.state();
        if state.events.overlay().next().is_some() {
            return Err(format!("P7: {tab} still has an overlay"));
        }
        if state.ledger.shown().digest() != expected {
            return Err(format!("P7: {tab} shows something else than the server"));
        }
    }
    Ok(())
}

/// P8: whether a tab has nothing left to do.
pub fn is_quiet(core: &Core, head: Head) -> bool {
    let state = core.state();
    state.connection.joined
        && state.ledger.epoch() == Some(head.epoch)
        && state.ledger.cursor() == head.cursor
        && state.events.overlay().next().is_none()
}

/// What keeps each tab from being quiet.
pub fn describe_tabs<'a>(tabs: impl IntoIterator<Item = (TabId, &'a Core)>) -> String {
    let describe = |(tab, core): (TabId, &Core)| {
        let state = core.state();
        let overlay: Vec<EventId> = state.events.overlay().map(|it| it.envelope.id).collect();
        let waiting = state.events.waiting_count();
        let cursor = state.ledger.cursor();
        let (connection, session) = (&state.connection, &state.session);
        let (is_active, is_signing_in) = (session.active().is_some(), session.signing_in);
        format!(
            "{tab} cursor {cursor} waiting {waiting} overlay {overlay:?} signed in {is_active} \
             signing in {is_signing_in} {connection:?}"
        )
    };
    tabs.into_iter().map(describe).collect::<Vec<_>>().join("; ")
}

/// P11 "Undo restores what was visible before, or says why it cannot": nothing came between.
pub fn undo_restores(before: &TimeEntry, core: &Core) -> Check {
    let state = core.state();
    let after = state.ledger.shown().entry(before.id);
    let is_refused = matches!(state.notices.current, Some(Notice::Refused { .. }));
    if is_refused || after.is_some_and(|after| **after == *before) {
        return Ok(());
    }
    Err(format!("P11: undoing the deletion of {before:?} shows {after:?}"))
}

/// P12 "Older clients and older buffers still work against a newer server and the other way round,
/// or are refused with a clear message and keep their data": what a newer version of the app left
/// in a profile is still there.
pub fn newer_events_are_kept(newer: &[String], profile: &Profile) -> Check {
    for id in newer {
        let mut keys = profile.local_storage.keys().chain(profile.durable_copy.keys());
        if !keys.any(|key| key.ends_with(id)) {
            return Err(format!("P12: {id}, which a newer version recorded, is gone"));
        }
    }
    Ok(())
}
