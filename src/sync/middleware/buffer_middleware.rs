//! Keeps localStorage as the buffer is, and the mirror as localStorage.

use crate::app::chain::Machines;
use crate::app::effect::Effect;
use crate::app::input::PageEvent;
use crate::app::{Moment, Outbox};
use crate::store::slices::events::DurableCopy;
use crate::store::{Action, State};
use crate::sync::record::{BufferedEvent, Quarantined, StoredEvent};
use crate::sync::{Archived, durable_copy, event_buffer};

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let before = out.effects.len();
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // They wait for what localStorage did not take: other tabs would send them before it.
        Action::Recorded(records) if state.events.unstored_count() > 0 => {
            let added =
                |record: &BufferedEvent| StoredEvent { event: record.clone(), quarantine: None };
            let after = records.iter().map(added);
            let records = state.events.unstored().into_iter().chain(after).collect();
            out.actions.push(Action::StorageRetried { records });
        }
        Action::Recorded(records) | Action::RestoreResent { records, .. } => {
            out.effects.extend(records.iter().map(event_buffer::store))
        }
        Action::Quarantined(quarantined) => {
            out.effects.extend(quarantined.iter().map(event_buffer::quarantine));
        }
        Action::Requeued { records } => {
            out.effects.extend(records.iter().map(event_buffer::requeue));
        }
        Action::Discarded { records } => {
            for record in records {
                out.effects.push(event_buffer::remove(record));
                out.effects.push(event_buffer::remove_quarantined(record));
            }
        }
        Action::FilterOutSynced { records } => {
            return move_to_archive(records, machines, state, moment, out);
        }
        // There is no archive: what waits for it is let go.
        Action::DurableCopyFailed => {
            let records = state.events.synced();
            if !records.is_empty() {
                out.actions.push(Action::Archived { records });
            }
        }
        Action::Archived { records } => {
            machines.recently_removed.add(records.iter().map(|record| record.envelope.id));
            // Only the tab that sends tidies up; the others see what it removes.
            if machines.election.is_leader() {
                out.effects.extend(records.iter().map(event_buffer::remove));
                // One that was set aside before, and whose move back was cut short, is there too.
                out.effects.extend(records.iter().map(event_buffer::remove_quarantined));
            }
            // Room was made: what did not fit may fit now.
            retry(state, out);
        }
        Action::SyncRequested | Action::Page(PageEvent::Visible) => {
            retry(state, out);
            if state.events.durable_copy() == DurableCopy::Unavailable {
                mirror(&state.events.not_durable(), out);
                return;
            }
        }
        Action::StorageRetried { records } => {
            out.effects.extend(records.iter().map(event_buffer::rewrite_at_key));
            if state.events.durable_copy() == DurableCopy::Available {
                mirror(&state.events.not_durable(), out);
                return;
            }
        }
        Action::Restored(records) => out.effects.extend(records.iter().map(event_buffer::write)),
        Action::OwnerChanged { records, to } => {
            for before in records {
                let after = BufferedEvent { owner: *to, ..before.clone() };
                match state.events.find_quarantined(before.envelope.id) {
                    Some(Quarantined { code, message, .. }) => {
                        let moved = Quarantined { event: after, code, message };
                        out.effects.push(event_buffer::adopt_quarantined(before, &moved));
                    }
                    None => out.effects.push(event_buffer::adopt(before, &after)),
                }
            }
        }
        // What another tab recorded is made sure of: that tab may be gone before it could.
        Action::DurableCopyRead { works: true } | Action::StoredEventsFound(_)
            if state.events.durable_copy() == DurableCopy::Available =>
        {
            mirror(&state.events.not_durable(), out);
            return;
        }
        _ => (),
    }
    // Not before there is something to keep: some browsers ask the person.
    if matches!(action, Action::Recorded(_)) && !machines.asked_to_persist {
        machines.asked_to_persist = true;
        out.effects.push(Effect::RequestPersistence);
    }
    let mut write = durable_copy::write_for(&out.effects[before..]);
    if let Action::RestoreResent { keys, .. } = action {
        write.archive_removes.clone_from(keys);
    }
    if !write.is_empty() {
        out.effects.push(Effect::WriteDurableCopy(write));
    }
}

/// Tries once more to write down what localStorage did not take.
fn retry(state: &State, out: &mut Outbox) {
    let records = state.events.unstored();
    if !records.is_empty() {
        out.actions.push(Action::StorageRetried { records });
    }
}

/// The tab that sends moves them from the mirror to the archive, as one change; localStorage is
/// tidied when that is on disk, so that they are never nowhere.
fn move_to_archive(
    records: &[BufferedEvent],
    machines: &Machines,
    state: &State,
    moment: Moment,
    out: &mut Outbox,
) {
    if records.is_empty() {
        return;
    }
    // While it is read anew it takes what it is given.
    if machines.election.is_leader() && state.events.durable_copy() != DurableCopy::Unavailable {
        // At no moment is what is archived also asked about.
        let removes = records.iter().map(event_buffer::remove);
        let removes: Vec<Effect> =
            removes.chain(records.iter().map(event_buffer::remove_quarantined)).collect();
        let mut write = durable_copy::write_for(&removes);
        write.archive_puts = archive(records, state, moment);
        out.effects.push(Effect::WriteDurableCopy(write));
    } else {
        out.actions.push(Action::Archived { records: records.to_vec() });
    }
}

/// What is kept of acknowledged events, in case that the server loses them.
fn archive(records: &[BufferedEvent], state: &State, moment: Moment) -> Vec<(String, String)> {
    let (Some(account), Some(epoch)) = (state.session.account(), state.ledger.epoch()) else {
        return Vec::new();
    };
    let (cursor, at) = (state.ledger.cursor(), state.device.server_time(moment.wall));
    let write = |record| Archived::write(record, account.user_id, (epoch, cursor), at);
    records.iter().cloned().map(write).collect()
}

fn mirror(records: &[StoredEvent], out: &mut Outbox) {
    let effects: Vec<Effect> = records.iter().map(event_buffer::write).collect();
    if !effects.is_empty() {
        out.effects.push(Effect::WriteDurableCopy(durable_copy::write_for(&effects)));
    }
}
