//! Dispatches intents about notices.

use super::intent::NoticeIntent;
use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::{Action, LocalAction};

/// Turns an intent into actions and effects.
pub(in crate::features) fn dispatch(intent: NoticeIntent) -> Outbox {
    match intent {
        NoticeIntent::Dismiss => Outbox::action(Action::Local(LocalAction::NoticeDismissed)),
        NoticeIntent::ActivateUpdate => Outbox::effect(Effect::ActivateUpdate),
    }
}
