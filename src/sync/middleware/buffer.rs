//! Keeps localStorage in step with the buffer, and the durable copy in step with localStorage.

use wizitime_protocol::Moment;

use crate::effects::Effect;
use crate::effects::Outbox;
use crate::store::record::{BufferedEvent, Owner, Quarantined, StoredEvent};
use crate::store::slices::events::DurableCopy;
use crate::store::{
    Action, LocalAction, PageAction, PageEvent, SessionAction, State, StorageAction, SyncAction,
};
use crate::sync::durable_copy::{move_to_archive, push_write, write_for};
use crate::sync::{DiscardMarker, event_buffer};

/// Writes the buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct BufferMiddleware {
    /// Whether the browser was asked not to clear storage.
    asked_to_persist: bool,
}

impl BufferMiddleware {
    pub(crate) fn handle(
        &mut self,
        state: &State,
        is_leader: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            Action::Local(action) => self.on_local(action, state, moment, out),
            Action::Sync(action) => on_sync(action, state, is_leader, moment, out),
            Action::Storage(action) => on_storage(action, state, out),
            Action::Session(SessionAction::OwnerChanged { events, to }) => {
                write(events.iter().map(|event| change_owner(event, *to, state)).collect(), out);
            }
            Action::Page(PageAction::Event(PageEvent::Visible)) => retry(state, out),
            Action::Server(_)
            | Action::Session(
                SessionAction::SigningIn
                | SessionAction::SignInFailed(_)
                | SessionAction::SignedIn { .. }
                | SessionAction::Expired { .. }
                | SessionAction::SignedOut,
            )
            | Action::Peer(_)
            | Action::Page(
                PageAction::Event(PageEvent::Online | PageEvent::Offline)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
    }

    fn on_local(&mut self, action: &LocalAction, state: &State, moment: Moment, out: &mut Outbox) {
        match action {
            LocalAction::Recorded(events) => {
                if state.events.unstored_count() > 0 {
                    // They wait for events that localStorage did not take: other tabs would send
                    // them first.
                    let recorded = events.iter().cloned().map(StoredEvent::waiting);
                    let events = state.events.unstored().into_iter().chain(recorded).collect();
                    out.actions.push(Action::Storage(StorageAction::WriteRetried { events }));
                } else {
                    write(events.iter().map(event_buffer::store).collect(), out);
                }
                // Not before there is something to keep: some browsers ask the user.
                if !self.asked_to_persist {
                    self.asked_to_persist = true;
                    out.effects.push(Effect::RequestPersistence);
                }
            }
            LocalAction::Discarded { events } => {
                let at = state.device.server_time(moment.wall);
                let marker = DiscardMarker::write(events, at);
                let marker = marker.map(|(key, value)| Effect::WriteStorage { key, value });
                let removes = events.iter().flat_map(event_buffer::remove_everywhere);
                // The marker comes first, so that no tab sees a removed event without it; and once
                // more, because a full localStorage takes it only after the removals.
                let effects = marker.clone().into_iter().chain(removes).chain(marker);
                write(effects.collect(), out);
            }
            LocalAction::SyncRequested => retry(state, out),
            LocalAction::Notified(_) | LocalAction::NoticeDismissed => (),
        }
    }
}

fn on_sync(action: &SyncAction, state: &State, is_leader: bool, moment: Moment, out: &mut Outbox) {
    match action {
        SyncAction::Quarantined(quarantined) => {
            write(quarantined.iter().map(event_buffer::quarantine).collect(), out);
        }
        SyncAction::Requeued { events } => {
            write(events.iter().map(event_buffer::requeue).collect(), out);
        }
        SyncAction::RestoreResent { events, archive_keys } => {
            let effects: Vec<Effect> = events.iter().map(event_buffer::store).collect();
            let mut durable = write_for(&effects);
            durable.archive_removes.clone_from(archive_keys);
            out.effects.extend(effects);
            if !durable.is_empty() {
                out.effects.push(Effect::WriteDurableCopy(durable));
            }
        }
        SyncAction::Synced { events } => move_to_archive(events, state, is_leader, moment, out),
        SyncAction::Archived { events } => {
            // Only the leader removes them; the followers see what it removes. The durable copy
            // lost them in the transaction that archived them. If another tab has put one there
            // again, because it resends it to a restored server, that copy may be the only one.
            if is_leader {
                out.effects.extend(events.iter().flat_map(event_buffer::remove_everywhere));
            }
            // There is more room now: an event that did not fit may fit.
            retry_unstored(state, out);
        }
        SyncAction::Acknowledged { .. } | SyncAction::Confirmed(_) => (),
    }
}

fn on_storage(action: &StorageAction, state: &State, out: &mut Outbox) {
    match action {
        StorageAction::WriteRetried { events } => {
            let effects: Vec<Effect> = events.iter().map(event_buffer::rewrite_at_key).collect();
            if state.events.durable_copy() == DurableCopy::Available {
                out.effects.extend(effects);
                write_not_durable(state, out);
            } else {
                write(effects, out);
            }
        }
        StorageAction::EventsRecovered(events) => {
            write(events.iter().map(event_buffer::write).collect(), out);
        }
        // What another tab recorded is made durable: that tab may be closed before it could.
        StorageAction::EventsFound(_) | StorageAction::DurableCopyRead { available: true } => {
            if state.events.durable_copy() == DurableCopy::Available {
                write_not_durable(state, out);
            }
        }
        StorageAction::DurableCopyRead { available: false }
        | StorageAction::DurableCopyWritten { .. }
        | StorageAction::DurableCopyFailed
        | StorageAction::DiscardsFound { .. }
        | StorageAction::UnreadableFound { .. }
        | StorageAction::WriteFailed { .. }
        | StorageAction::Refused
        | StorageAction::CacheLoaded { .. }
        | StorageAction::CacheReadTimedOut
        | StorageAction::CacheOutdated
        | StorageAction::ArchiveReadFailed => (),
    }
}

/// Performs effects on localStorage, and the same on the durable copy.
fn write(effects: Vec<Effect>, out: &mut Outbox) {
    let durable = write_for(&effects);
    out.effects.extend(effects);
    if !durable.is_empty() {
        out.effects.push(Effect::WriteDurableCopy(durable));
    }
}

/// Tries again to write what localStorage or the durable copy did not take.
fn retry(state: &State, out: &mut Outbox) {
    retry_unstored(state, out);
    if state.events.durable_copy() == DurableCopy::Unavailable {
        write_not_durable(state, out);
    }
}

fn retry_unstored(state: &State, out: &mut Outbox) {
    let events = state.events.unstored();
    if !events.is_empty() {
        out.actions.push(Action::Storage(StorageAction::WriteRetried { events }));
    }
}

fn write_not_durable(state: &State, out: &mut Outbox) {
    let events = state.events.not_durable();
    push_write(&events.iter().map(event_buffer::write).collect::<Vec<Effect>>(), out);
}

fn change_owner(before: &BufferedEvent, to: Owner, state: &State) -> Effect {
    let event = BufferedEvent { owner: to, ..before.clone() };
    match state.events.find_quarantined(before.id()) {
        Some(Quarantined { reason, .. }) => {
            event_buffer::adopt_quarantined(before, &Quarantined { event, reason })
        }
        None => event_buffer::adopt(before, &event),
    }
}
