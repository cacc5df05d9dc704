//! Rules that depend on the time at which an event is accepted.

use crate::START_AHEAD_MAX;
use crate::event::{Event, UpdateTimeEntry};
use crate::ids::EntryId;
use crate::ledger::Ledger;
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// No clock starts far in the future. Every later start would end where that clock begins
/// (docs/TESTING.md#P5), and so last for years.
pub(super) fn start_is_not_in_future(
    ledger: &Ledger,
    event: &Event,
    now: Timestamp,
) -> Result<(), Rejection> {
    match running_start(ledger, event) {
        Some(start) if start > now.saturating_add(START_AHEAD_MAX) => Err(Rejection::StartInFuture),
        Some(_) | None => Ok(()),
    }
}

/// The start that an event gives to a clock that runs; `None` if it gives none.
fn running_start(ledger: &Ledger, event: &Event) -> Option<Timestamp> {
    match event {
        Event::StartClock(event) => Some(event.started_at),
        Event::UpdateTimeEntry(UpdateTimeEntry { time_entry_id, changes }) => {
            let start = changes.started_at.filter(|_| changes.stopped_at.is_none());
            start.filter(|_| runs(ledger, *time_entry_id))
        }
        Event::RestoreTimeEntry(event) => {
            let entry = ledger.entry(event.time_entry_id)?;
            (entry.deleted && entry.stop.is_none()).then_some(entry.started_at)
        }
        Event::SplitTimeEntry(event) => {
            Some(event.split_at).filter(|_| runs(ledger, event.time_entry_id))
        }
        Event::StopClock(_)
        | Event::CreateTimeEntry(_)
        | Event::DeleteTimeEntry(_)
        | Event::CreateProject(_)
        | Event::UpdateProject(_)
        | Event::ArchiveProject(_)
        | Event::RestoreProject(_)
        | Event::CreateClient(_)
        | Event::UpdateClient(_)
        | Event::ArchiveClient(_)
        | Event::RestoreClient(_)
        | Event::CreateTask(_)
        | Event::UpdateTask(_)
        | Event::ArchiveTask(_)
        | Event::RestoreTask(_)
        | Event::CreateTag(_)
        | Event::UpdateTag(_)
        | Event::ArchiveTag(_)
        | Event::RestoreTag(_)
        | Event::UpdateSettings(_) => None,
    }
}

fn runs(ledger: &Ledger, id: EntryId) -> bool {
    ledger.entry(id).is_some_and(|entry| entry.is_running())
}
