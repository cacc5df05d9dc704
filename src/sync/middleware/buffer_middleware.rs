//! Keeps localStorage as the buffer is, and the mirror as localStorage.

use crate::effect::{Effect, MirrorWrite};
use crate::input::WorldChange;
use crate::store::slices::events::{Mirror, Quarantined, Record, StoredRecord};
use crate::store::{Action, Ctx, Machines, Out, State};
use crate::sync::{Archived, event_buffer};

pub(crate) fn handle(
    machines: &mut Machines,
    state: &State,
    action: &Action,
    ctx: Ctx,
    out: &mut Out,
) {
    let before = out.effects.len();
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // They wait for what localStorage did not take: other tabs would send them before it.
        Action::Recorded(records) if state.events.unstored_count() > 0 => {
            let added = |record: &Record| StoredRecord { record: record.clone(), quarantine: None };
            let after = records.iter().map(added);
            let records = state.events.unstored().into_iter().chain(after).collect();
            out.actions.push(Action::StoreRetried { records });
        }
        Action::Recorded(records) | Action::OfferedAgain { records, .. } => {
            out.effects.extend(records.iter().map(event_buffer::store))
        }
        Action::SetAside(quarantined) => {
            out.effects.extend(quarantined.iter().map(event_buffer::quarantine));
        }
        Action::Requeued { records } => {
            out.effects.extend(records.iter().map(event_buffer::requeue));
        }
        Action::Discarded { records } => {
            for record in records {
                out.effects.push(event_buffer::remove(record));
                out.effects.push(event_buffer::release(record));
            }
        }
        Action::FilterOutSynced { records } => {
            return move_to_archive(records, machines, state, ctx, out);
        }
        // There is no archive: what waits for it is let go.
        Action::MirrorRefused => {
            let records = state.events.synced();
            if !records.is_empty() {
                out.actions.push(Action::Archived { records });
            }
        }
        Action::Archived { records } => {
            machines.let_go.add(records.iter().map(|record| record.envelope.id));
            // Only the tab that sends tidies up; the others see what it removes.
            if machines.lease.is_sender() {
                out.effects.extend(records.iter().map(event_buffer::remove));
                // One that was set aside before, and whose move back was cut short, is there too.
                out.effects.extend(records.iter().map(event_buffer::release));
            }
            // Room was made: what did not fit may fit now.
            retry(state, out);
        }
        Action::SyncRequested | Action::World(WorldChange::Shown) => {
            retry(state, out);
            if state.events.mirror() == Mirror::Refused {
                mirror(&state.events.unmirrored(), out);
                return;
            }
        }
        Action::StoreRetried { records } => {
            out.effects.extend(records.iter().map(event_buffer::rewrite));
            if state.events.mirror() == Mirror::Works {
                mirror(&state.events.unmirrored(), out);
                return;
            }
        }
        Action::Restored(records) => out.effects.extend(records.iter().map(event_buffer::write)),
        Action::Adopted { records, to } => {
            for before in records {
                let after = Record { owner: *to, ..before.clone() };
                match state.events.find_quarantined(before.envelope.id) {
                    Some(Quarantined { code, message, .. }) => {
                        let moved = Quarantined { record: after, code, message };
                        out.effects.push(event_buffer::adopt_quarantined(before, &moved));
                    }
                    None => out.effects.push(event_buffer::adopt(before, &after)),
                }
            }
        }
        // What another tab recorded is made sure of: that tab may be gone before it could.
        Action::MirrorRead { works: true } | Action::Found(_)
            if state.events.mirror() == Mirror::Works =>
        {
            mirror(&state.events.unmirrored(), out);
            return;
        }
        _ => (),
    }
    // Not before there is something to keep: some browsers ask the person.
    if matches!(action, Action::Recorded(_)) && !machines.asked_to_persist {
        machines.asked_to_persist = true;
        out.effects.push(Effect::AskToPersist);
    }
    let mut write = MirrorWrite::following(&out.effects[before..]);
    if let Action::OfferedAgain { keys, .. } = action {
        write.unarchives.clone_from(keys);
    }
    if !write.is_empty() {
        out.effects.push(Effect::WriteMirror(write));
    }
}

/// Tries once more to write down what localStorage did not take.
fn retry(state: &State, out: &mut Out) {
    let records = state.events.unstored();
    if !records.is_empty() {
        out.actions.push(Action::StoreRetried { records });
    }
}

/// The tab that sends moves them from the mirror to the archive, as one change; localStorage is
/// tidied when that is on disk, so that they are never nowhere.
fn move_to_archive(
    records: &[Record],
    machines: &Machines,
    state: &State,
    ctx: Ctx,
    out: &mut Out,
) {
    if records.is_empty() {
        return;
    }
    // While it is read anew it takes what it is given.
    if machines.lease.is_sender() && state.events.mirror() != Mirror::Refused {
        // At no moment is what is archived also asked about.
        let removes = records.iter().map(event_buffer::remove);
        let removes: Vec<Effect> =
            removes.chain(records.iter().map(event_buffer::release)).collect();
        let mut write = MirrorWrite::following(&removes);
        write.archives = archive(records, state, ctx);
        out.effects.push(Effect::WriteMirror(write));
    } else {
        out.actions.push(Action::Archived { records: records.to_vec() });
    }
}

/// What is kept of acknowledged events, in case that the server loses them.
fn archive(records: &[Record], state: &State, ctx: Ctx) -> Vec<(String, String)> {
    let (Some(account), Some(epoch)) = (state.session.account(), state.ledger.epoch()) else {
        return Vec::new();
    };
    let (cursor, at) = (state.ledger.cursor(), state.device.corrected(ctx.now.wall));
    let write = |record| Archived::write(record, account.user_id, (epoch, cursor), at);
    records.iter().cloned().map(write).collect()
}

fn mirror(records: &[StoredRecord], out: &mut Out) {
    let effects: Vec<Effect> = records.iter().map(event_buffer::write).collect();
    if !effects.is_empty() {
        out.effects.push(Effect::WriteMirror(MirrorWrite::following(&effects)));
    }
}
