//! From what a person wants to what happened: an intent becomes events, or a refusal before
//! anything is recorded.

mod catalog;
mod entries;
mod intent;
pub(crate) mod quarantine;
mod record;
mod session;
mod timer;

pub use intent::{Intent, QuarantineFix, Secret};
pub use record::{Recorder, Refusal};

use crate::effect::{Effect, HttpCall};
use crate::store::{Action, State};

/// What an intent leads to.
#[derive(Clone, Debug, Default)]
pub struct Dispatched {
    pub actions: Vec<Action>,
    pub effects: Vec<Effect>,
}

impl Dispatched {
    fn action(action: Action) -> Self {
        Self { actions: vec![action], effects: Vec::new() }
    }
}

/// Turns an intent into actions.
///
/// # Errors
/// A [`Refusal`] if the intent cannot be carried out; nothing was recorded then.
pub fn dispatch(
    intent: Intent,
    state: &State,
    recorder: &mut Recorder<'_>,
) -> Result<Dispatched, Refusal> {
    match intent {
        Intent::StartClock { description, project_id, started_at } => {
            timer::start(state, recorder, description, project_id, started_at)
        }
        Intent::StopClock => timer::stop(state, recorder),
        Intent::ContinueEntry { entry_id } => timer::continue_entry(state, recorder, entry_id),
        Intent::AddEntry { started_at, stopped_at, description, project_id } => {
            entries::add(state, recorder, started_at, stopped_at, description, project_id)
        }
        Intent::EditEntry { entry_id, changes } => {
            entries::edit(state, recorder, entry_id, *changes)
        }
        Intent::DeleteEntry { entry_id } => entries::delete(state, recorder, entry_id),
        Intent::RestoreEntry { entry_id } => entries::restore(state, recorder, entry_id),
        Intent::CreateProject { name, color, entry_id } => {
            catalog::create_project(state, recorder, name, color, entry_id)
        }
        Intent::RetryQuarantined { event_id } => Ok(quarantine::retry(state, event_id)),
        Intent::DiscardQuarantined { event_id } => Ok(quarantine::discard(state, event_id)),
        Intent::FixQuarantined { event_id, fix } => quarantine::fix(state, recorder, event_id, fix),
        Intent::ExportUnsynced => Ok(session::export(state)),
        Intent::SignUp { email, password } => {
            let device_id = state.device.device_id;
            Ok(session::sign_in(HttpCall::SignUp { email, password, device_id }))
        }
        Intent::SignIn { email, password } => {
            let device_id = state.device.device_id;
            Ok(session::sign_in(HttpCall::SignIn { email, password, device_id }))
        }
        Intent::SignOut { drop_unsynced } => Ok(session::sign_out(state, drop_unsynced)),
        Intent::SyncNow => Ok(Dispatched::action(Action::SyncRequested)),
        Intent::DismissNotice => Ok(Dispatched::action(Action::NoticeDismissed)),
        Intent::ActivateUpdate => {
            Ok(Dispatched { effects: vec![Effect::ActivateUpdate], ..Dispatched::default() })
        }
    }
}

/// The facts that a recorder holds, as one action.
fn recorded(recorder: &mut Recorder<'_>) -> Dispatched {
    Dispatched::action(Action::Recorded(recorder.take()))
}
