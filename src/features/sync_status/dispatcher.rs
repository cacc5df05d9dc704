//! Dispatches intents about syncing and quarantined events.

use wizitime_domain::{Event, EventId};

use super::intent::{QuarantineFix, SyncIntent};
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::features::dispatcher::recorded;
use crate::features::event_recorder::EventRecorder;
use crate::store::slices::notices::Refusal;
use crate::store::{Action, LocalAction, State, SyncAction};
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
        SyncIntent::SyncNow => Ok(Outbox::action(Action::Local(LocalAction::SyncRequested))),
    }
}

fn export(state: &State) -> Outbox {
    let text = export_json(state);
    Outbox::effect(Effect::Download { name: "wizitime-unsynced.json".to_owned(), text })
}

/// Sends the event and its dependents again.
fn retry(state: &State, event_id: EventId) -> Outbox {
    let events = with_dependents(state, event_id);
    let mut out = Outbox::action(Action::Sync(SyncAction::Requeued { events }));
    out.actions.push(Action::Local(LocalAction::SyncRequested));
    out
}

/// Discards the event and its dependents.
fn discard(state: &State, event_id: EventId) -> Outbox {
    let events = with_dependents(state, event_id);
    Outbox::action(Action::Local(LocalAction::Discarded { events }))
}

/// Records a corrected event in place of the quarantined one, and sends its dependents again.
fn fix(
    state: &State,
    recorder: &mut EventRecorder<'_>,
    event_id: EventId,
    fix: QuarantineFix,
) -> Result<Outbox, Refusal> {
    let rejected = state.events.find_quarantined(event_id).ok_or(Refusal::Gone)?;
    recorder.record(state, corrected(rejected.event.envelope.event, fix))?;
    let mut events = with_dependents(state, event_id);
    let dependents = events.split_off(1.min(events.len()));
    let mut dispatched = recorded(recorder);
    dispatched.actions.push(Action::Local(LocalAction::Discarded { events }));
    if !dependents.is_empty() {
        let events = dependents;
        dispatched.actions.push(Action::Sync(SyncAction::Requeued { events }));
    }
    dispatched.actions.push(Action::Local(LocalAction::SyncRequested));
    Ok(dispatched)
}

fn corrected(event: Event, fix: QuarantineFix) -> Event {
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
