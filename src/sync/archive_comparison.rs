//! The comparison of the archive with the server's log.

use wizitime_domain::{EventId, SortedSet};
use wizitime_protocol::Moment;

use super::archive::Archived;
use super::dependents::{all_with_dependents, insert_in_order};
use crate::effects::Outbox;
use crate::store::{Action, State, SyncAction};

/// Compares the archive with the server's log.
///
/// - An event that the log may lack waits again.
/// - A waiting event that the log has needs no sending: a crash took back its acknowledgement, and
///   in the order it may stand behind later ones by now.
/// - A quarantined event that the log has is sent: the server recognises it by its id.
pub(super) fn compare(
    archived: &[(String, String)],
    state: &State,
    moment: Moment,
    out: &mut Outbox,
) {
    let (ledger, events) = (&state.ledger, &state.events);
    let Some(epoch) = ledger.epoch() else { return };
    // The server was restored meanwhile: the archive is read again when its log is known.
    if state.connection.epoch != Some(epoch) {
        return;
    }
    let now = state.device.server_time(moment.wall);
    let waiting: SortedSet<EventId> = events.waiting().map(|it| it.id()).collect();
    let quarantined: SortedSet<EventId> = events.quarantined().map(|it| it.event.id()).collect();
    let (mut acknowledged, mut requeued) = (Vec::new(), Vec::new());
    let (mut missing, mut archive_keys) = (Vec::new(), Vec::new());
    for (key, text) in archived {
        let Some(it) = Archived::read(key, text) else { continue };
        if it.is_outdated(now) {
            archive_keys.push(key.clone());
        } else if it.may_be_missing_in(epoch, ledger.cursor()) {
            let Some(event) = it.event() else { continue };
            let envelope = &event.envelope;
            // A buffered event that is acknowledged may be so by the previous log.
            let is_missing = !events.is_known(envelope) || events.is_settled(envelope);
            // A waiting event needs its archived copy until it is in the durable copy.
            if is_missing || events.is_durable(envelope) {
                archive_keys.push(key.clone());
            }
            if is_missing {
                insert_in_order(&mut missing, event);
            }
        } else if waiting.contains(&it.id) {
            acknowledged.push(it.id);
        } else if quarantined.contains(&it.id) {
            requeued.push(it.id);
        }
    }
    let requeued = all_with_dependents(state, requeued.into_iter());
    if !requeued.is_empty() {
        out.actions.push(Action::Sync(SyncAction::Requeued { events: requeued }));
    }
    if !acknowledged.is_empty() {
        let (ids, cursor) = (acknowledged, ledger.cursor());
        out.actions.push(Action::Sync(SyncAction::Acknowledged { ids, cursor }));
    }
    let events = missing;
    out.actions.push(Action::Sync(SyncAction::RestoreResent { events, archive_keys }));
}
