//! What becomes of events that were set aside: the person decides.

use wizitime_domain::{Event, EventId};

use super::intent::{QuarantineFix, SyncIntent};
use crate::app::{Effect, Outbox};
use crate::features::dispatcher::recorded;
use crate::features::event_recorder::{EventRecorder, Refusal};
use crate::store::{Action, State};
use crate::sync::{export_json, with_dependents};

/// Turns an intent into actions and effects.
///
/// # Errors
/// A [`Refusal`] if the intent cannot be carried out; nothing was recorded then.
pub(in crate::features) fn dispatch(
    intent: SyncIntent,
    state: &State,
    recorder: &mut EventRecorder<'_>,
) -> Result<Outbox, Refusal> {
    match intent {
        SyncIntent::RetryQuarantined { event_id } => Ok(retry(state, event_id)),
        SyncIntent::DiscardQuarantined { event_id } => Ok(discard(state, event_id)),
        SyncIntent::FixQuarantined { event_id, fix } => self::fix(state, recorder, event_id, fix),
        SyncIntent::ExportUnsynced => Ok(export(state)),
        SyncIntent::SyncNow => Ok(Outbox::action(Action::SyncRequested)),
    }
}

fn export(state: &State) -> Outbox {
    let text = export_json(state);
    Outbox::effect(Effect::Download { name: "wizitime-unsynced.json".to_owned(), text })
}

/// Sends the event again, and what was held back because of it.
fn retry(state: &State, event_id: EventId) -> Outbox {
    Outbox::action(Action::Requeued { records: with_dependents(state, event_id) })
}

/// Gives the event up, and what cannot be without it.
fn discard(state: &State, event_id: EventId) -> Outbox {
    Outbox::action(Action::Discarded { records: with_dependents(state, event_id) })
}

/// Records a mended event in place of the one set aside; what was held back is sent after it.
fn fix(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    event_id: EventId,
    fix: QuarantineFix,
) -> Result<Outbox, Refusal> {
    let broken = state.events.find_quarantined(event_id).ok_or(Refusal::Gone)?;
    let mended = mend(broken.event.envelope.event.clone(), fix);
    recorder.record(state, mended)?;
    let mut all = with_dependents(state, event_id);
    let held_back = all.split_off(1.min(all.len()));
    let mut dispatched = recorded(recorder);
    dispatched.actions.push(Action::Discarded { records: all });
    dispatched.actions.push(Action::Requeued { records: held_back });
    Ok(dispatched)
}

fn mend(event: Event, fix: QuarantineFix) -> Event {
    let QuarantineFix { text, started_at, stopped_at } = fix;
    let mut event = event;
    match &mut event {
        Event::StartClock(it) => {
            it.description = text.unwrap_or_else(|| it.description.clone());
            it.started_at = started_at.unwrap_or(it.started_at);
        }
        Event::StopClock(it) => it.stopped_at = stopped_at.unwrap_or(it.stopped_at),
        Event::CreateTimeEntry(it) => {
            it.description = text.unwrap_or_else(|| it.description.clone());
            it.started_at = started_at.unwrap_or(it.started_at);
            it.stopped_at = stopped_at.unwrap_or(it.stopped_at);
        }
        Event::UpdateTimeEntry(it) => {
            it.changes.description = text.or_else(|| it.changes.description.take());
            it.changes.started_at = started_at.or(it.changes.started_at);
            it.changes.stopped_at = stopped_at.or(it.changes.stopped_at);
        }
        Event::SplitTimeEntry(it) => it.split_at = started_at.unwrap_or(it.split_at),
        Event::CreateProject(it) => it.name = text.unwrap_or_else(|| it.name.clone()),
        Event::UpdateProject(it) => it.changes.name = text.or_else(|| it.changes.name.take()),
        Event::CreateClient(it) => it.name = text.unwrap_or_else(|| it.name.clone()),
        Event::UpdateClient(it) => it.changes.name = text.or_else(|| it.changes.name.take()),
        Event::CreateTask(it) => it.name = text.unwrap_or_else(|| it.name.clone()),
        Event::UpdateTask(it) => it.changes.name = text.or_else(|| it.changes.name.take()),
        Event::CreateTag(it) => it.name = text.unwrap_or_else(|| it.name.clone()),
        Event::UpdateTag(it) => it.changes.name = text.or_else(|| it.changes.name.take()),
        Event::DeleteTimeEntry(_)
        | Event::RestoreTimeEntry(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => (),
    }
    event
}
