//! Stores the session, adopts guest events, and checks the token when the server refuses it.

use crate::effects::Outbox;
use crate::effects::Secret;
use crate::effects::{Effect, HttpCall};
use crate::store::record::Owner;
use crate::store::slices::session::Account;
use crate::store::{Action, ServerAction, SessionAction, State, StorageAction};
use crate::sync::session_storage::{remove_account, write_account};

/// After so many connection attempts in a row that never opened, the token is checked.
const FAILED_CONNECTS_PROBE_MIN: u32 = 2;

/// Without state of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionMiddleware;

impl SessionMiddleware {
    pub(crate) fn handle(self, state: &State, action: &Action, out: &mut Outbox) {
        match action {
            Action::Session(action) => on_session(action, state, out),
            Action::Storage(StorageAction::EventsFound(_) | StorageAction::EventsRecovered(_)) => {
                if let Some(account) = state.session.account() {
                    adopt_guest_events(state, account, out);
                }
            }
            // A browser does not tell why a connection failed, so the token is checked over HTTP,
            // less and less often while the server is unreachable.
            Action::Server(ServerAction::ConnectionLost { failed_connects })
                if *failed_connects >= FAILED_CONNECTS_PROBE_MIN
                    && failed_connects.is_power_of_two() =>
            {
                check_token(state, out);
            }
            Action::Server(ServerAction::JoinRefused { reason }) if reason == "unauthorized" => {
                check_token(state, out);
            }
            Action::Local(_)
            | Action::Server(
                ServerAction::Joined(_)
                | ServerAction::JoinRefused { .. }
                | ServerAction::ConnectionLost { .. }
                | ServerAction::PushBulkEvent { .. }
                | ServerAction::PushChangesRequest { .. }
                | ServerAction::BulkEventAccepted(_)
                | ServerAction::BulkEventRefused(_)
                | ServerAction::BulkEventUnknown
                | ServerAction::ChangesPage(_)
                | ServerAction::ChangesPageFailed
                | ServerAction::Broadcast { .. }
                | ServerAction::ClockMeasured { .. }
                | ServerAction::BadMessage { .. },
            )
            | Action::Sync(_)
            | Action::Storage(
                StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyRead { .. }
                | StorageAction::DurableCopyWritten { .. }
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated
                | StorageAction::ArchiveReadFailed,
            )
            | Action::Peer(_)
            | Action::Page(_) => (),
        }
    }
}

fn on_session(action: &SessionAction, state: &State, out: &mut Outbox) {
    match action {
        SessionAction::SignedIn { account, from } => {
            write_account(account, *from, out);
            adopt_guest_events(state, account, out);
        }
        SessionAction::Expired { from } => {
            if let Some(account) = state.session.account() {
                write_account(account, *from, out);
            }
        }
        SessionAction::SignedOut => remove_account(out),
        SessionAction::SigningIn
        | SessionAction::SignInFailed(_)
        | SessionAction::OwnerChanged { .. } => (),
    }
}

fn adopt_guest_events(state: &State, account: &Account, out: &mut Outbox) {
    let events = state.events.owned_by(Owner::Guest);
    if !events.is_empty() {
        let to = Owner::User(account.user_id);
        out.actions.push(Action::Session(SessionAction::OwnerChanged { events, to }));
    }
}

fn check_token(state: &State, out: &mut Outbox) {
    if let Some(account) = state.session.active().filter(|account| !account.hosted) {
        let token = Secret(account.token.clone());
        out.effects.push(Effect::Http(HttpCall::Session { token }));
    }
}
