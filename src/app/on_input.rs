//! From what happened outside to facts.

use wizitime_domain::{EventId, SortedSet};

use super::core::Core;
use super::startup::{find, sign_in, stored_account};
use crate::app::effect::Effect;
use crate::app::input::{Input, SessionAnswer, SignInError};
use crate::app::{Moment, Outbox};
use crate::store::slices::events::DurableCopy;
use crate::store::slices::session::Account;
use crate::store::{Action, SessionSource};
use crate::sync::event_buffer::{self, StoredText};
use crate::sync::record::StoredEvent;
use crate::sync::{Archived, StorageKey, with_dependents};

impl Core {
    pub(super) fn translate(&mut self, input: Input, moment: Moment, out: &mut Outbox) {
        match input {
            Input::User(intent) => self.user(intent, moment, out),
            Input::TimerFired => {
                // Whoever is due asks to be woken anew.
                self.wake_at = None;
                out.actions.push(Action::TimerFired);
            }
            Input::CacheLoaded { user_id, snapshot } => {
                if self.state().session.account().is_some_and(|it| it.user_id == user_id) {
                    out.actions.push(Action::CacheLoaded { user_id, snapshot });
                }
            }
            Input::CacheOutdated { user_id } => {
                if self.state().session.account().is_some_and(|it| it.user_id == user_id) {
                    out.actions.push(Action::CacheOutdated);
                }
            }
            Input::SocketOpened { conn } => {
                self.machines.socket.opened(conn, moment, out);
            }
            Input::SocketClosed { conn, code } => {
                self.machines.socket.closed(conn, code, moment, out);
            }
            Input::FrameReceived { conn, text } => {
                self.machines.socket.received(conn, &text, moment, out);
            }
            Input::StorageWriteFailed { keys } => {
                let ids = keys.iter().filter_map(|key| StorageKey::parse(key)?.event_id());
                let ids: Vec<EventId> = ids.collect();
                // What is no event has no other copy.
                if keys.is_empty() || ids.len() < keys.len() {
                    out.actions.push(Action::StorageRefused);
                }
                if !ids.is_empty() {
                    out.actions.push(Action::NotStored { ids });
                }
            }
            Input::DurableCopyRead { stored: Some(stored) } => self.durable_copy_read(&stored, out),
            Input::DurableCopyRead { stored: None } => {
                out.actions.push(Action::DurableCopyRead { works: false });
            }
            Input::DurableCopyWritten { keys, archived } => {
                let ids = keys.iter().filter_map(|key| StorageKey::parse(key)?.event_id());
                out.actions.push(Action::DurableCopyWritten { ids: ids.collect() });
                self.archived(&archived, out);
            }
            Input::ArchiveRead { user_id, archived } => {
                if self.state().session.account().is_some_and(|it| it.user_id == user_id) {
                    self.archive_read(&archived, moment, out);
                }
            }
            Input::DurableCopyFailed => out.actions.push(Action::DurableCopyFailed),
            Input::PeerStored { key, value } => self.peer_stored(key, value, out),
            Input::PeerRemoved { key } => self.peer_removed(&key, out),
            Input::StorageRead { stored } => self.storage_read(&stored, out),
            Input::BecameLeader { stored } => {
                self.storage_read(&stored, out);
                out.actions.push(Action::BecameLeader);
            }
            Input::LostLeadership => out.actions.push(Action::LostLeadership),
            Input::PeerMessageReceived(message) => {
                out.actions.push(Action::PeerMessageReceived(message))
            }
            Input::Page(change) => out.actions.push(Action::Page(change)),
            Input::ZoneChanged { zone } => out.actions.push(Action::ZoneChanged(zone)),
            Input::SignInAnswered(Ok(answer)) => {
                let account = Account {
                    user_id: answer.user_id,
                    email: answer.email,
                    token: answer.token,
                    channel: answer.channel,
                    hosted: false,
                    expired: false,
                };
                out.actions.push(Action::SignedIn { account, from: SessionSource::Local });
            }
            Input::SignInAnswered(Err(error)) => {
                let message = match error {
                    SignInError::Unreachable => {
                        "The server cannot be reached. Your time is still being recorded."
                            .to_owned()
                    }
                    SignInError::Refused { message } => message,
                };
                out.actions.push(Action::SignInFailed { message });
            }
            Input::SessionAnswered(SessionAnswer::Revoked { token }) => {
                if self.state().session.active().is_some_and(|it| it.token == token.0) {
                    out.actions.push(Action::SessionExpired { from: SessionSource::Local });
                }
            }
            Input::SessionAnswered(SessionAnswer::Valid | SessionAnswer::Unreachable) => (),
            Input::UpdateReady => out.actions.push(Action::UpdateReady),
        }
    }

    /// Finds what other tabs wrote while this one did not listen. An event that is not there is
    /// written again, not forgotten: the storage may have been read before it was written, or
    /// cleared. If it was acknowledged, the server knows it by its id and says so once more.
    fn storage_read(&self, stored: &[(String, String)], out: &mut Outbox) {
        self.session_read(stored, out);
        find(stored, out);
        let keys: SortedSet<&str> = stored.iter().map(|(key, _)| key.as_str()).collect();
        let waiting = self.state().events.waiting();
        let missing = waiting.filter(|record| {
            // Another tab may have set it aside just now.
            let places = [StorageKey::event(record), StorageKey::quarantine(record)];
            places.iter().all(|place| !keys.contains(&place.write().as_str()))
        });
        let missing = missing.map(|it| StoredEvent { event: it.clone(), quarantine: None });
        let records: Vec<StoredEvent> = missing.collect();
        if !records.is_empty() {
            out.actions.push(Action::StorageRetried { records });
        }
    }

    /// Takes the session that all tabs are to have. No session there is none to follow: the storage
    /// may have been cleared; who signs out in another tab is heard of at once.
    fn session_read(&self, stored: &[(String, String)], out: &mut Outbox) {
        let Some(theirs) = stored_account(stored) else { return };
        match self.state().session.account() {
            Some(ours) if ours.hosted || *ours == theirs => (),
            Some(ours) if ours.token == theirs.token => {
                if theirs.expired {
                    out.actions.push(Action::SessionExpired { from: SessionSource::OtherTab });
                }
            }
            // Theirs is of no use, ours was overwritten.
            Some(ours) if theirs.expired && !ours.expired => {
                let account = ours.clone();
                out.actions.push(Action::SignedIn { account, from: SessionSource::Local });
            }
            Some(_) | None => sign_in(theirs, out),
        }
    }

    /// Takes in what only the mirror has: a crash took it from localStorage. Had it been
    /// acknowledged and its removal got lost, the server knows it and says so once more.
    fn durable_copy_read(&self, stored: &[(String, String)], out: &mut Outbox) {
        let events = &self.state().events;
        let mut ids = Vec::new();
        let mut lost = Vec::new();
        let mut set_aside = SortedSet::default();
        for (key, value) in stored {
            // A text that cannot be read stays for a version that can.
            if let StoredText::Event(found) = event_buffer::read(key, value) {
                ids.push(found.event.envelope.id);
                set_aside.extend(found.quarantine.is_some().then_some(found.event.envelope.id));
                let is_old = self.machines.recently_removed.has(found.event.envelope.id);
                if !is_old && !events.holds(&found.event.envelope) {
                    lost.push(*found);
                }
            }
        }
        // A crash brings back the texts of events that had been set aside and were sent since. One
        // that was not is refused once more.
        if events.durable_copy() == DurableCopy::Unread {
            let revived = events.quarantined().map(|it| it.event);
            let revived = revived.filter(|it| !set_aside.contains(&it.envelope.id));
            out.actions.push(Action::Requeued { records: revived.collect() });
        }
        if !lost.is_empty() {
            out.actions.push(Action::Restored(lost));
        }
        out.actions.push(Action::DurableCopyWritten { ids });
        if events.durable_copy() != DurableCopy::Available {
            out.actions.push(Action::DurableCopyRead { works: true });
        }
    }

    fn archived(&self, keys: &[String], out: &mut Outbox) {
        let ids: SortedSet<EventId> = keys.iter().filter_map(|key| Archived::id_of(key)).collect();
        let mut records = self.state().events.synced();
        records.retain(|record| ids.contains(&record.envelope.id));
        if !records.is_empty() {
            out.actions.push(Action::Archived { records });
        }
    }

    /// Offers again what the server may have lost, and lets go of what is old. What it has although
    /// it waits, because a crash took localStorage back, needs no sending: by now it stands in the
    /// order behind what was made after it. What it has although it is set aside is sent: the
    /// server knows it by its id.
    fn archive_read(&self, archived: &[(String, String)], moment: Moment, out: &mut Outbox) {
        let ledger = &self.state().ledger;
        let Some(epoch) = ledger.epoch() else { return };
        // The server was restored meanwhile: it is looked into again when its changes have come.
        if self.state().link.epoch != Some(epoch) {
            return;
        }
        let events = &self.state().events;
        let waiting: SortedSet<EventId> = events.waiting().map(|it| it.envelope.id).collect();
        let asked: SortedSet<EventId> =
            events.quarantined().map(|it| it.event.envelope.id).collect();
        let (mut ids, mut records, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (key, text) in archived {
            let Some(it) = Archived::read(key, text) else { continue };
            if it.is_outdated(self.server_time(moment.wall)) {
                keys.push(key.clone());
            } else if it.may_be_lost_to(epoch, ledger.cursor()) {
                let Some(record) = it.record() else { continue };
                let event = &record.envelope;
                // What is held as acknowledged may be so by the log that was before.
                let is_missing = !events.holds(event) || events.is_settled(event);
                // What waits already needs this copy until the mirror has it: a crash would leave
                // no other.
                if is_missing || events.is_durable(event) {
                    keys.push(key.clone());
                }
                if is_missing {
                    records.push(record);
                }
            } else if waiting.contains(&it.id) {
                ids.push(it.id);
            } else if asked.contains(&it.id) {
                let records = with_dependents(self.state(), it.id);
                out.actions.push(Action::Requeued { records });
            }
        }
        if !ids.is_empty() {
            out.actions.push(Action::Acknowledged { ids, cursor: ledger.cursor() });
        }
        out.actions.push(Action::RestoreResent { records, keys });
    }

    fn peer_stored(&self, key: String, value: String, out: &mut Outbox) {
        match StorageKey::parse(&key) {
            // It may have been written again meanwhile: what stands there now is for all tabs.
            Some(StorageKey::Session) => out.effects.push(Effect::ReadStorage),
            Some(StorageKey::Event { .. } | StorageKey::Quarantine { .. }) => {
                // Another tab wrote it just now; a text that cannot be read is dealt with when
                // everything is read again.
                if let StoredText::Event(record) = event_buffer::read(&key, &value) {
                    out.actions.push(Action::StoredEventsFound(vec![*record]));
                }
            }
            Some(StorageKey::Device | StorageKey::Corrupt { .. }) | None => (),
        }
    }

    fn peer_removed(&self, key: &str, out: &mut Outbox) {
        match StorageKey::parse(key) {
            Some(StorageKey::Session) => {
                if self.state().session.account().is_some_and(|it| !it.hosted) {
                    out.actions.push(Action::SignedOut);
                }
            }
            Some(StorageKey::Event { id, owner, .. }) => {
                // An adopted event is still there under its new key.
                let waits_there = self.state().events.find_waiting(id);
                if waits_there.is_some_and(|record| record.owner == owner) {
                    out.actions.push(Action::PeerAcknowledged { id });
                }
            }
            Some(StorageKey::Quarantine { id, owner }) => {
                let held = self.state().events.find_quarantined(id);
                if held.is_some_and(|it| it.event.owner == owner) {
                    out.actions.push(Action::PeerReleasedQuarantined { id });
                }
            }
            Some(StorageKey::Device | StorageKey::Corrupt { .. }) | None => (),
        }
    }
}
