//! Dispatches intents about notices.

use super::intent::NoticeIntent;
use crate::app::{Effect, Outbox};
use crate::store::Action;

/// Turns an intent into actions and effects.
pub(in crate::features) fn dispatch(intent: NoticeIntent) -> Outbox {
    match intent {
        NoticeIntent::Dismiss => Outbox::action(Action::NoticeDismissed),
        NoticeIntent::ActivateUpdate => Outbox::effect(Effect::ActivateUpdate),
    }
}
