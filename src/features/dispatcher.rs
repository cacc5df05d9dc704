//! From an intent to actions and effects, or a refusal before anything is recorded.

use super::event_recorder::EventRecorder;
use super::intent::Intent;
use super::{account, entries, notices, projects, sync_status, timer};
use crate::effects::Outbox;
use crate::store::slices::notices::Refusal;
use crate::store::{Action, LocalAction, State};

/// Turns an intent into actions and effects.
///
/// # Errors
/// A [`Refusal`] if the intent cannot be carried out; nothing was recorded then.
pub fn dispatch(
    intent: Intent,
    state: &State,
    recorder: &mut EventRecorder<'_>,
) -> Result<Outbox, Refusal> {
    match intent {
        Intent::Timer(intent) => timer::dispatch(intent, state, recorder),
        Intent::Entry(intent) => entries::dispatch(intent, state, recorder),
        Intent::Project(intent) => projects::dispatch(intent, state, recorder),
        Intent::Sync(intent) => sync_status::dispatch(intent, state, recorder),
        Intent::Account(intent) => Ok(account::dispatch(intent, state)),
        Intent::Notice(intent) => Ok(notices::dispatch(intent)),
    }
}

/// The events that a recorder holds, as one action.
pub(super) fn recorded(recorder: &mut EventRecorder<'_>) -> Outbox {
    Outbox::action(Action::Local(LocalAction::Recorded(recorder.take())))
}
