//! The durable copy of the buffer in IndexedDB. localStorage reaches the disk seconds after a
//! write; the durable copy reports when a write is on disk.
//!
//! Every request has a time limit. A read without an answer no longer holds up sending, and the
//! leader reads again from time to time. A write without an answer is repeated.

use wizitime_domain::{EventId, SortedSet, Timestamp};
use wizitime_protocol::{Moment, MonoTime};

use super::archive::Archived;
use super::discard_marker::{self, discarded_ids};
use super::event_buffer::{self, StoredText};
use super::recently_removed::RecentlyRemoved;
use super::unanswered_writes::UnansweredWrites;
use crate::effects::Outbox;
use crate::effects::{DurableWrite, Effect};
use crate::store::record::{BufferedEvent, Quarantined, StoredEvent};
use crate::store::slices::events::DurableCopy;
use crate::store::{Action, LocalAction, PageAction, PeerAction, State, StorageAction, SyncAction};

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
        match effect {
            Effect::WriteStorage { key, value } => write.puts.push((key.clone(), value.clone())),
            Effect::MoveStorage { from, to, value } => {
                write.puts.push((to.clone(), value.clone()));
                write.removes.push(from.clone());
            }
            Effect::RemoveStorage { key } => write.removes.push(key.clone()),
            // Only localStorage has a durable copy.
            Effect::ReadStorage
            | Effect::RequestPersistence
            | Effect::ReadDurableCopy
            | Effect::WriteDurableCopy(_)
            | Effect::ReadArchive(_)
            | Effect::LoadCache { .. }
            | Effect::WriteCache(_)
            | Effect::ClearCache { .. }
            | Effect::Connect { .. }
            | Effect::Send { .. }
            | Effect::CloseSocket { .. }
            | Effect::WakeAt(_)
            | Effect::Http(_)
            | Effect::PostToPeers(_)
            | Effect::TakeLeaderLock
            | Effect::Download { .. }
            | Effect::Remember { .. }
            | Effect::ActivateUpdate
            | Effect::Render(_) => (),
        }
    }
    write
}

/// Moves synced events from the durable copy to the archive, in one transaction. localStorage is
/// cleaned up when that is on disk, so that there is always one copy. Only the leader does it.
pub(super) fn move_to_archive(
    events: &[BufferedEvent],
    state: &State,
    is_leader: bool,
    moment: Moment,
    out: &mut Outbox,
) {
    // A durable copy that is being read takes writes, and one that failed may take the next.
    if is_leader {
        let removes: Vec<Effect> =
            events.iter().flat_map(event_buffer::remove_everywhere).collect();
        let mut durable = write_for(&removes);
        durable.archive_puts = archive(events, state, moment);
        out.effects.push(Effect::WriteDurableCopy(durable));
    }
    if !is_leader || state.events.durable_copy() == DurableCopy::Unavailable {
        out.actions.push(Action::Sync(SyncAction::Archived { events: events.to_vec() }));
    }
}

fn archive(events: &[BufferedEvent], state: &State, moment: Moment) -> Vec<(String, String)> {
    let (Some(account), Some(epoch)) = (state.session.account(), state.ledger.epoch()) else {
        return Vec::new();
    };
    let (cursor, at) = (state.ledger.cursor(), state.device.server_time(moment.wall));
    let write = |event| Archived::write(event, account.user_id, (epoch, cursor), at);
    events.iter().cloned().map(write).collect()
}

/// Reads the durable copy: at the start and as a new leader, and from time to time as the leader.
/// Repeats writes that stay unanswered.
#[derive(Clone, Debug, Default)]
pub(crate) struct DurableCopyMiddleware {
    /// How long sending still waits for a read.
    read_until: Option<MonoTime>,
    recently_removed: RecentlyRemoved,
    unanswered: UnansweredWrites,
}

impl DurableCopyMiddleware {
    /// Starts the first read. Sending waits for it.
    pub(crate) fn start(&mut self, now: MonoTime, out: &mut Outbox) {
        self.read_until = Some(now.plus_ms(DURABLE_READ_MS_MAX));
        self.read(out);
    }

    /// When the wait for an answer ends.
    pub(crate) fn due(&self) -> Option<MonoTime> {
        [self.read_until, self.unanswered.due()].into_iter().flatten().min()
    }

    /// These effects are about to be performed.
    pub(crate) fn issued(&mut self, effects: &[Effect], now: MonoTime) {
        for effect in effects {
            if let Effect::WriteDurableCopy(write) = effect {
                self.unanswered.issued(write, now);
            }
        }
    }

    /// These writes are on disk.
    pub(crate) fn written(&mut self, writes: &[DurableWrite]) {
        writes.iter().for_each(|write| self.unanswered.written(write));
    }

    /// Handles an action. `is_poll_due`: the periodic poll is due.
    pub(crate) fn handle(
        &mut self,
        state: &State,
        is_leader: bool,
        is_poll_due: bool,
        action: &Action,
        moment: Moment,
        out: &mut Outbox,
    ) {
        match action {
            Action::Local(LocalAction::Discarded { events }) => {
                self.recently_removed.add(events.iter().map(BufferedEvent::id));
            }
            Action::Sync(SyncAction::Archived { events }) => {
                self.recently_removed.add(events.iter().map(BufferedEvent::id));
                self.settle(state);
            }
            Action::Storage(StorageAction::DurableCopyWritten { .. }) => self.settle(state),
            Action::Storage(StorageAction::DurableCopyRead { available }) => {
                self.read_until = None;
                if !available && state.events.not_durable_count() > 0 {
                    self.unanswered.expect_reply(moment.mono);
                }
            }
            // Only the durable copy may have what the previous leader left behind.
            Action::Peer(PeerAction::BecameLeader)
                if state.events.durable_copy() == DurableCopy::Unread
                    && self.read_until.is_none() =>
            {
                self.start(moment.mono, out);
            }
            Action::Page(PageAction::TimerFired) => {
                self.timer_fired(state, is_leader, moment, out);
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
                | StorageAction::EventsRecovered(_)
                | StorageAction::DiscardsFound { .. }
                | StorageAction::UnreadableFound { .. }
                | StorageAction::WriteFailed { .. }
                | StorageAction::WriteRetried { .. }
                | StorageAction::Refused
                | StorageAction::DurableCopyFailed
                | StorageAction::CacheLoaded { .. }
                | StorageAction::CacheReadTimedOut
                | StorageAction::CacheOutdated
                | StorageAction::ArchiveReadFailed,
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
                | PageAction::UpdateReady,
            ) => (),
        }
        // What localStorage refused from a tab that is closed or frozen by now is only there. A
        // durable copy that did not answer may answer now.
        if is_leader && is_poll_due && self.read_until.is_none() {
            self.read(out);
        }
    }

    fn timer_fired(&mut self, state: &State, is_leader: bool, moment: Moment, out: &mut Outbox) {
        if self.read_until.is_some_and(|until| until <= moment.mono) {
            // A late answer is merged nevertheless.
            let available = false;
            out.actions.push(Action::Storage(StorageAction::DurableCopyRead { available }));
        }
        if self.unanswered.due().is_some_and(|until| until <= moment.mono) {
            self.repeat_writes(state, is_leader, moment, out);
        }
    }

    /// Ends the wait for replies if there is none to come.
    fn settle(&mut self, state: &State) {
        let events = &state.events;
        let has_events = events.not_durable_count() > 0 || events.awaits_archive();
        if self.unanswered.is_empty() && !has_events {
            self.unanswered.settle();
        }
    }

    /// Writes everything again that is not on disk, as far as this tab knows.
    fn repeat_writes(&mut self, state: &State, is_leader: bool, moment: Moment, out: &mut Outbox) {
        self.settle(state);
        if self.unanswered.due().is_none() {
            return;
        }
        let mut write = self.unanswered.repeat(moment.mono);
        let not_durable = state.events.not_durable();
        let moves: Vec<Effect> = not_durable.iter().map(event_buffer::rewrite_at_key).collect();
        let events = write_for(&moves);
        write.puts.extend(events.puts);
        write.removes.extend(events.removes);
        if !write.is_empty() {
            out.effects.push(Effect::WriteDurableCopy(write));
        }
        let synced = state.events.synced();
        if !synced.is_empty() {
            move_to_archive(&synced, state, is_leader, moment, out);
        }
        if self.unanswered.is_given_up() && state.events.durable_copy() == DurableCopy::Available {
            out.actions.push(Action::Storage(StorageAction::DurableCopyFailed));
            if is_leader && !synced.is_empty() {
                // The server has them.
                out.actions.push(Action::Sync(SyncAction::Archived { events: synced }));
            }
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
        push_write(&discard_marker::remove_outdated(stored, now), out);
        let discarded = discarded_ids(stored);
        let (mut ids, mut lost) = (Vec::new(), Vec::new());
        let mut quarantined: SortedSet<EventId> = SortedSet::default();
        for (key, value) in stored {
            // A text that cannot be read is left for a version that can.
            if let StoredText::Event(found) = event_buffer::read(key, value, events) {
                let id = found.event.id();
                ids.push(id);
                quarantined.extend(found.quarantine.is_some().then_some(id));
                let is_removed = self.recently_removed.contains(id) || discarded.contains(&id);
                if !is_removed && !events.is_known(&found.event.envelope) {
                    lost.push(*found);
                }
            }
        }
        discard_marker::apply_durable(stored, state, now, out);
        let is_kept = |it: &Quarantined| !discarded.contains(&it.event.id());
        let known: Vec<Quarantined> = events.quarantined().filter(is_kept).collect();
        let requeued = requeued(&known, &quarantined, &lost, events.durable_copy());
        if !lost.is_empty() {
            out.actions.push(Action::Storage(StorageAction::EventsRecovered(lost)));
        }
        if !requeued.is_empty() {
            out.actions.push(Action::Sync(SyncAction::Requeued { events: requeued }));
        }
        out.actions.push(Action::Storage(StorageAction::DurableCopyWritten { ids }));
        if events.durable_copy() != DurableCopy::Available {
            let available = true;
            out.actions.push(Action::Storage(StorageAction::DurableCopyRead { available }));
        }
    }
}

/// The quarantined events to send again. A crash can restore the quarantined text of an event that
/// was requeued: then localStorage (`known`) or the durable copy (`lost`) has it, but not both. An
/// event that the server did not accept meanwhile is rejected once more. Its root cause and
/// dependents are sent with it, in order.
fn requeued(
    known: &[Quarantined],
    quarantined: &SortedSet<EventId>,
    lost: &[StoredEvent],
    durable_copy: DurableCopy,
) -> Vec<BufferedEvent> {
    let is_first_read = durable_copy == DurableCopy::Unread;
    let is_revived = |it: &&Quarantined| is_first_read && !quarantined.contains(&it.event.id());
    let lost: Vec<Quarantined> = lost.iter().filter_map(StoredEvent::quarantined).collect();
    let revived = known.iter().filter(is_revived).chain(&lost);
    let root_causes: SortedSet<EventId> = revived.map(Quarantined::root_cause).collect();
    let of_these = known.iter().chain(&lost).filter(|it| root_causes.contains(&it.root_cause()));
    of_these.map(|it| it.event.clone()).collect()
}
