//! Keeps localStorage as the buffer is, and the mirror as localStorage.

use crate::effect::{Effect, MirrorWrite};
use crate::input::WorldChange;
use crate::store::slices::events::{Mirror, Quarantined, Record, StoredRecord};
use crate::store::{Action, Ctx, Machines, Out, State};
use crate::sync::event_buffer;

pub(crate) fn handle(
    _machines: &mut Machines,
    state: &State,
    action: &Action,
    _ctx: Ctx,
    out: &mut Out,
) {
    let before = out.effects.len();
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        Action::Recorded(records) => out.effects.extend(records.iter().map(event_buffer::store)),
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
            out.effects.extend(records.iter().map(event_buffer::remove));
            // Room was made: what did not fit may fit now.
            retry(state, out);
        }
        Action::SyncRequested | Action::World(WorldChange::Shown) => retry(state, out),
        Action::StoreRetried { records } | Action::Restored(records) => {
            out.effects.extend(records.iter().map(event_buffer::write));
        }
        Action::Adopted { records, to } => {
            for before in records {
                let after = Record { owner: *to, ..before.clone() };
                match state.events.find_quarantined(before.envelope.id) {
                    Some(Quarantined { code, message, .. }) => {
                        let moved = Quarantined { record: after, code, message };
                        out.effects.push(event_buffer::quarantine(&moved));
                        out.effects.push(event_buffer::release(before));
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
    let write = MirrorWrite::following(&out.effects[before..]);
    if !write.is_empty() {
        out.effects.push(Effect::WriteMirror(write));
    }
}

/// Tries once more to write down what localStorage or the mirror did not take.
fn retry(state: &State, out: &mut Out) {
    let records = state.events.unstored();
    if !records.is_empty() {
        out.actions.push(Action::StoreRetried { records });
    }
    if state.events.mirror() == Mirror::Refused {
        mirror(&state.events.unmirrored(), out);
    }
}

fn mirror(records: &[StoredRecord], out: &mut Out) {
    let effects: Vec<Effect> = records.iter().map(event_buffer::write).collect();
    if !effects.is_empty() {
        out.effects.push(Effect::WriteMirror(MirrorWrite::following(&effects)));
    }
}
