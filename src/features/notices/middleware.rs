//! Closes notices when their time is over.

use wizitime_protocol::{Moment, MonoTime};

use crate::effects::Outbox;
use crate::store::slices::notices::Notice;
use crate::store::{Action, LocalAction, PageAction};

/// How long a notice stays, in milliseconds.
const NOTICE_MS: u64 = 10_000;

/// Knows when the current notice ends.
#[derive(Clone, Debug, Default)]
pub struct NoticeMiddleware {
    until: Option<MonoTime>,
}

impl NoticeMiddleware {
    /// When the current notice ends.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.until
    }

    pub(crate) fn handle(&mut self, action: &Action, moment: Moment, out: &mut Outbox) {
        match action {
            Action::Local(LocalAction::Notified(notice)) => {
                self.until = match notice {
                    // It asks for a decision, so it stays until there is one.
                    Notice::SignOutRefused { .. } => None,
                    Notice::Deleted { .. } | Notice::Reverted { .. } | Notice::Refused(_) => {
                        Some(moment.mono.plus_ms(NOTICE_MS))
                    }
                };
            }
            Action::Local(LocalAction::NoticeDismissed) => self.until = None,
            Action::Page(PageAction::TimerFired)
                if self.until.is_some_and(|until| until <= moment.mono) =>
            {
                out.actions.push(Action::Local(LocalAction::NoticeDismissed));
            }
            Action::Local(
                LocalAction::Recorded(_)
                | LocalAction::Discarded { .. }
                | LocalAction::SyncRequested,
            )
            | Action::Server(_)
            | Action::Sync(_)
            | Action::Storage(_)
            | Action::Session(_)
            | Action::Peer(_)
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
    }
}
