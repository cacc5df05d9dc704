//! From inputs to actions.

use wizitime_domain::{EventId, SortedSet, UserId};
use wizitime_protocol::Moment;

use super::core::Core;
use super::input::{Input, SessionAnswer, SignInReply};
use crate::effects::Outbox;
use crate::store::slices::session::Account;
use crate::store::{
    Action, PageAction, PeerAction, ServerAction, SessionAction, SessionSource, SignInError, State,
    StorageAction, SyncAction,
};
use crate::sync::{Archived, StorageKey, stored_events};

impl Core {
    pub(super) fn on_input(&mut self, input: Input, moment: Moment, out: &mut Outbox) {
        match input {
            Input::User(intent) => self.on_intent(intent, moment, out),
            Input::TimerFired => {
                // What is due now requests the next timer.
                self.timer_at = None;
                out.actions.push(Action::Page(PageAction::TimerFired));
            }
            Input::SocketOpened { conn } => self.chain.socket.opened(conn, moment, out),
            Input::SocketClosed { conn, code } => {
                self.chain.socket.closed(conn, code, moment, out);
            }
            Input::FrameReceived { conn, text } => {
                self.chain.socket.received(conn, &text, moment, out);
            }
            Input::StorageWriteFailed { keys } => storage_write_failed(&keys, out),
            Input::StorageRead { stored } => self.storage_read(&stored, moment, out),
            Input::DurableCopyRead { stored: Some(stored) } => {
                let now = self.server_time(moment.wall);
                self.chain.durable_copy.merge(&stored, self.store.state(), now, out);
            }
            Input::DurableCopyRead { stored: None } => {
                let available = false;
                out.actions.push(Action::Storage(StorageAction::DurableCopyRead { available }));
            }
            Input::DurableCopyWritten { writes } => {
                self.chain.durable_copy.written(&writes);
                let ids = event_ids(keys(writes.iter().flat_map(|it| &it.puts))).collect();
                out.actions.push(Action::Storage(StorageAction::DurableCopyWritten { ids }));
                let archived = keys(writes.iter().flat_map(|it| &it.archive_puts));
                archive_written(archived, self.state(), out);
            }
            Input::DurableCopyFailed => {
                out.actions.push(Action::Storage(StorageAction::DurableCopyFailed));
            }
            Input::ArchiveRead { request, archived } => {
                if !self.chain.restore.is_latest(request) {
                    self.chain.restore.outdated_archive_read(moment.mono);
                } else if self.is_signed_in(request.user_id) {
                    match archived {
                        Some(archived) => {
                            let state = self.store.state();
                            self.chain.restore.archive_read(&archived, state, moment, out);
                        }
                        None => {
                            out.actions.push(Action::Storage(StorageAction::ArchiveReadFailed));
                        }
                    }
                }
            }
            Input::CacheLoaded { user_id, snapshot } => {
                if self.is_signed_in(user_id) {
                    let action = StorageAction::CacheLoaded { user_id, snapshot };
                    out.actions.push(Action::Storage(action));
                }
            }
            Input::CacheOutdated { user_id } => {
                if self.is_signed_in(user_id) {
                    out.actions.push(Action::Storage(StorageAction::CacheOutdated));
                }
            }
            Input::PeerStored { key, value } => {
                stored_events::peer_stored(&key, &value, self.state(), out);
            }
            Input::PeerRemoved { key } => stored_events::peer_removed(&key, self.state(), out),
            Input::PeerMessageReceived(message) => {
                out.actions.push(Action::Peer(PeerAction::Message(message)));
            }
            Input::BecameLeader { stored } => {
                self.storage_read(&stored, moment, out);
                out.actions.push(Action::Peer(PeerAction::BecameLeader));
            }
            Input::LostLeadership => out.actions.push(Action::Peer(PeerAction::LostLeadership)),
            Input::Page(event) => out.actions.push(Action::Page(PageAction::Event(event))),
            Input::ZoneChanged { zone } => {
                out.actions.push(Action::Page(PageAction::ZoneChanged(zone)));
            }
            Input::UpdateReady => out.actions.push(Action::Page(PageAction::UpdateReady)),
            Input::SignInAnswered(answer) => out.actions.push(Action::Session(signed_in(answer))),
            Input::SessionAnswered(SessionAnswer::Revoked { token }) => {
                if self.state().session.active().is_some_and(|it| it.token == token.0) {
                    let from = SessionSource::Local;
                    out.actions.push(Action::Session(SessionAction::Expired { from }));
                }
            }
            // The browser does not tell why the socket fails.
            Input::SessionAnswered(SessionAnswer::Refused { reason }) => {
                out.actions.push(Action::Server(ServerAction::JoinRefused { reason }));
            }
            Input::SessionAnswered(SessionAnswer::Valid | SessionAnswer::Unreachable) => (),
        }
    }

    fn storage_read(&mut self, stored: &[(String, String)], moment: Moment, out: &mut Outbox) {
        self.chain.freeze_guard.storage_read();
        stored_events::read_again(stored, self.state(), out);
        if self.chain.is_leader() {
            let now = self.server_time(moment.wall);
            stored_events::remove_outdated_markers(stored, now, out);
        }
    }

    fn is_signed_in(&self, user_id: UserId) -> bool {
        self.state().session.account().is_some_and(|account| account.user_id == user_id)
    }
}

fn keys<'a>(
    records: impl Iterator<Item = &'a (String, String)>,
) -> impl Iterator<Item = &'a String> {
    records.map(|(key, _)| key)
}

fn event_ids<'a>(keys: impl Iterator<Item = &'a String>) -> impl Iterator<Item = EventId> {
    keys.filter_map(|key| StorageKey::parse(key)?.event_id())
}

/// Without keys localStorage is blocked.
fn storage_write_failed(keys: &[String], out: &mut Outbox) {
    // A marker of discarded events is written again once there is room.
    let is_marker =
        |key: &&String| matches!(StorageKey::parse(key), Some(StorageKey::Discarded { .. }));
    let ids: Vec<EventId> = event_ids(keys.iter()).collect();
    let others = keys.len() - ids.len() - keys.iter().filter(is_marker).count();
    // Nothing else has another copy.
    if keys.is_empty() || others > 0 {
        out.actions.push(Action::Storage(StorageAction::Refused));
    }
    if !ids.is_empty() {
        out.actions.push(Action::Storage(StorageAction::WriteFailed { ids }));
    }
}

/// Events under these keys are in the archive, on disk.
fn archive_written<'a>(keys: impl Iterator<Item = &'a String>, state: &State, out: &mut Outbox) {
    let ids: SortedSet<EventId> = keys.filter_map(|key| Archived::id_of(key)).collect();
    let mut events = state.events.synced();
    events.retain(|event| ids.contains(&event.id()));
    if !events.is_empty() {
        out.actions.push(Action::Sync(SyncAction::Archived { events }));
    }
}

fn signed_in(answer: Result<SignInReply, SignInError>) -> SessionAction {
    match answer {
        Ok(SignInReply { user_id, email, token, channel }) => {
            let (hosted, expired) = (false, false);
            let account = Account { user_id, email, token, channel, hosted, expired };
            SessionAction::SignedIn { account, from: SessionSource::Local }
        }
        Err(error) => SessionAction::SignInFailed(error),
    }
}
