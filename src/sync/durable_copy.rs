//! The durable copy of the buffer in IndexedDB. localStorage reaches the disk seconds after a
//! write; the durable copy reports when a write is on disk.

use wizitime_domain::{EventId, SortedSet, Timestamp};
use wizitime_protocol::{Moment, MonoTime};

use super::discard_marker::{self, DiscardMarker, discarded_ids};
use super::event_buffer::{self, StoredText};
use super::recently_removed::RecentlyRemoved;
use crate::app::effect::{DurableWrite, Effect};
use crate::app::outbox::Outbox;
use crate::store::slices::events::DurableCopy;
use crate::store::{Action, LocalAction, PageAction, PeerAction, State, StorageAction, SyncAction};
use crate::sync::record::BufferedEvent;

/// How long sending waits for the durable copy to be read, in milliseconds.
pub const DURABLE_READ_MS_MAX: u64 = 3_000;

/// Adds the write that repeats in the durable copy what these effects do to localStorage, if they
/// do anything.
pub(super) fn push_write(effects: &[Effect], out: &mut Outbox) {
    let write = write_for(effects);
    if !write.is_empty() {
        out.effects.push(Effect::WriteDurableCopy(write));
    }
}

/// The write that repeats in the durable copy what these effects do to localStorage.
pub(super) fn write_for(effects: &[Effect]) -> DurableWrite {
    let mut write = DurableWrite::default();
    for effect in effects {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only localStorage has a durable copy")]
        match effect {
            Effect::WriteStorage { key, value } => write.puts.push((key.clone(), value.clone())),
            Effect::MoveStorage { from, to, value } => {
                write.puts.push((to.clone(), value.clone()));
                write.removes.push(from.clone());
            }
            Effect::RemoveStorage { key } => write.removes.push(key.clone()),
            _ => (),
        }
    }
    write
}

/// Reads the durable copy: at the start and as a new leader, and from time to time as the leader.
#[derive(Clone, Debug, Default)]
pub(crate) struct DurableCopyMiddleware {
    /// How long sending still waits for a read.
    read_until: Option<MonoTime>,
    recently_removed: RecentlyRemoved,
}

impl DurableCopyMiddleware {
    /// Starts the first read. Sending waits for it.
    pub(crate) fn start(&mut self, now: MonoTime, out: &mut Outbox) {
        self.read_until = Some(now.plus_ms(DURABLE_READ_MS_MAX));
        self.read(out);
    }

    /// When the wait for a read ends.
    pub(crate) const fn due(&self) -> Option<MonoTime> {
        self.read_until
    }

    /// Handles an action. `polls`: this tab is the leader, and its periodic poll is due.
    pub(crate) fn handle(
        &mut self,
        state: &State,
        polls: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            Action::Local(LocalAction::Discarded { events })
            | Action::Sync(SyncAction::Archived { events }) => {
                self.recently_removed.add(events.iter().map(BufferedEvent::id));
            }
            Action::Storage(StorageAction::DurableCopyRead { .. }) => self.read_until = None,
            // Only the durable copy may have what the previous leader left behind.
            Action::Peer(PeerAction::BecameLeader)
                if state.events.durable_copy() == DurableCopy::Unread
                    && self.read_until.is_none() =>
            {
                self.start(moment.mono, out);
            }
            Action::Page(PageAction::TimerFired)
                if self.read_until.is_some_and(|until| until <= moment.mono) =>
            {
                // A late answer is merged nevertheless.
                let available = false;
                out.actions.push(Action::Storage(StorageAction::DurableCopyRead { available }));
            }
            Action::Local(
                LocalAction::Recorded(_)
                | LocalAction::SyncRequested
                | LocalAction::Notified(_)
                | LocalAction::NoticeDismissed,
            )
            | Action::Server(_)
            | Action::Sync(
                SyncAction::Acknowledged { .. }
                | SyncAction::Quarantined(_)
                | SyncAction::Requeued { .. }
                | SyncAction::Confirmed(_)
                | SyncAction::Synced { .. }
                | SyncAction::RestoreResent { .. },
            )
            | Action::Storage(
                StorageAction::EventsFound(_)
                | StorageAction::EventsRestored(_)
                | StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyWritten { .. }
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated,
            )
            | Action::Session(_)
            | Action::Peer(
                PeerAction::Acknowledged { .. }
                | PeerAction::RemovedQuarantined { .. }
                | PeerAction::Message(_)
                | PeerAction::BecameLeader
                | PeerAction::LostLeadership,
            )
            | Action::Page(
                PageAction::Event(_)
                | PageAction::ZoneChanged(_)
                | PageAction::ClockTurnedBack { .. }
                | PageAction::UpdateReady
                | PageAction::TimerFired,
            ) => (),
        }
        // What localStorage refused from a tab that is closed or frozen by now is only there.
        if polls && state.events.durable_copy() == DurableCopy::Available {
            self.read(out);
        }
    }

    fn read(&mut self, out: &mut Outbox) {
        self.recently_removed.read_started();
        out.effects.push(Effect::ReadDurableCopy);
    }

    /// Merges what was read. An event that only the durable copy has was taken from localStorage
    /// by a crash. If it was acknowledged and only its removal got lost, the server recognises it
    /// by its id.
    pub(crate) fn merge(
        &self,
        stored: &[(String, String)],
        state: &State,
        now: Timestamp,
        out: &mut Outbox,
    ) {
        let events = &state.events;
        remove_outdated_markers(stored, now, out);
        let discarded = discarded_ids(stored);
        let (mut ids, mut lost) = (Vec::new(), Vec::new());
        let mut quarantined: SortedSet<EventId> = SortedSet::default();
        for (key, value) in stored {
            // A text that cannot be read is left for a version that can.
            if let StoredText::Event(found) = event_buffer::read(key, value) {
                let id = found.event.id();
                ids.push(id);
                quarantined.extend(found.quarantine.is_some().then_some(id));
                let is_removed = self.recently_removed.contains(id) || discarded.contains(&id);
                if !is_removed && !events.is_known(&found.event.envelope) {
                    lost.push(*found);
                }
            }
        }
        discard_marker::apply(discarded.clone(), state, out);
        // A crash brings back quarantined texts of events that have been requeued since. One that
        // was not is rejected once more.
        if events.durable_copy() == DurableCopy::Unread {
            let is_revived = |id: EventId| !quarantined.contains(&id) && !discarded.contains(&id);
            let revived = events.quarantined().map(|it| it.event);
            let events: Vec<BufferedEvent> =
                revived.filter(|event| is_revived(event.id())).collect();
            if !events.is_empty() {
                out.actions.push(Action::Sync(SyncAction::Requeued { events }));
            }
        }
        if !lost.is_empty() {
            out.actions.push(Action::Storage(StorageAction::EventsRestored(lost)));
        }
        out.actions.push(Action::Storage(StorageAction::DurableCopyWritten { ids }));
        if events.durable_copy() != DurableCopy::Available {
            let available = true;
            out.actions.push(Action::Storage(StorageAction::DurableCopyRead { available }));
        }
    }
}

fn remove_outdated_markers(stored: &[(String, String)], now: Timestamp, out: &mut Outbox) {
    let is_outdated = |key: &str, text: &str| {
        DiscardMarker::read(key, text).is_some_and(|it| it.is_outdated(now))
    };
    let outdated = stored.iter().filter(|(key, text)| is_outdated(key, text));
    let removes: Vec<Effect> =
        outdated.map(|(key, _)| Effect::RemoveStorage { key: key.clone() }).collect();
    push_write(&removes, out);
}
