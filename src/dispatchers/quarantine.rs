//! What becomes of events that were set aside: the person decides.

use wizitime_domain::{EntityKey, Event, EventId, SortedSet};

use super::intent::QuarantineFix;
use super::record::{Recorder, Refusal};
use super::{Dispatched, recorded};
use crate::store::slices::events::Record;
use crate::store::{Action, State};

/// Sends the event again, and what was held back because of it.
pub(super) fn retry(state: &State, event_id: EventId) -> Dispatched {
    Dispatched::action(Action::Requeued { records: with_dependants(state, event_id) })
}

/// Gives the event up, and what cannot be without it.
pub(super) fn discard(state: &State, event_id: EventId) -> Dispatched {
    Dispatched::action(Action::Discarded { records: with_dependants(state, event_id) })
}

/// Records a mended event in place of the one set aside; what was held back is sent after it.
pub(super) fn fix(
    state: &State,
    recorder: &mut Recorder<'_>,
    event_id: EventId,
    fix: QuarantineFix,
) -> Result<Dispatched, Refusal> {
    let broken = state.events.find_quarantined(event_id).ok_or(Refusal::Gone)?;
    let mended = mend(broken.record.envelope.event.clone(), fix);
    recorder.record(state, mended)?;
    let mut all = with_dependants(state, event_id);
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

/// The event, first, and the quarantined ones that hang on it.
pub(crate) fn with_dependants(state: &State, event_id: EventId) -> Vec<Record> {
    let Some(first) = state.events.find_quarantined(event_id) else { return Vec::new() };
    let mut tainted: SortedSet<EntityKey> =
        first.record.envelope.event.subjects().into_iter().collect();
    let later = state
        .events
        .quarantined()
        .filter(|it| it.code == crate::sync::DEPENDS_CODE)
        .map(|it| it.record)
        .filter(|record| record.place() > first.record.place());
    let mut records = vec![first.record.clone()];
    for record in later {
        let event = &record.envelope.event;
        let keys = event.subjects().into_iter().chain(event.references());
        if keys.into_iter().any(|key| tainted.contains(&key)) {
            tainted.extend(event.subjects());
            records.push(record);
        }
    }
    records
}
