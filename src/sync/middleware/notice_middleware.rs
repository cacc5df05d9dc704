//! Takes notices down when they have been up long enough.

use crate::app::chain::Machines;
use crate::app::{Moment, Outbox};
use crate::store::slices::notices::{NOTICE_MS, Notice};
use crate::store::{Action, State};

pub(crate) fn handle(
    machines: &mut Machines,
    _state: &State,
    action: &Action,
    moment: Moment,
    out: &mut Outbox,
) {
    let now = moment.mono;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a middleware answers what concerns it")]
    match action {
        // It asks for a decision, so it stays until there is one.
        Action::Notified(Notice::SignOutRefused { .. }) => machines.notice_until = None,
        Action::Notified(Notice::Deleted { .. } | Notice::Refused(_)) => {
            machines.notice_until = Some(now.plus_ms(NOTICE_MS));
        }
        Action::NoticeDismissed => machines.notice_until = None,
        Action::TimerFired if machines.notice_until.is_some_and(|until| until <= now) => {
            out.actions.push(Action::NoticeDismissed);
        }
        _ => (),
    }
}
