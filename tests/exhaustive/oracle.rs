//! What must hold, promise by promise. The words in quotes are those of the design.

use std::collections::{BTreeMap, BTreeSet};

use wizitime::app::Core;
use wizitime::store::slices::notices::Notice;
use wizitime::sync::record::QuarantineCode;
use wizitime_domain::{Envelope, Event, EventId, TimeEntry, UserId};
use wizitime_hub::{Head, MemoryLog};

use crate::device::Device;
use crate::log;
use crate::server::Server;
use crate::world::FOR_GOOD_MS;

/// What was recorded anywhere, and what each tab had seen when it recorded it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) events: BTreeMap<EventId, Envelope>,
    /// The events that waited in the tab's buffer when this one was made.
    pub(crate) causes: BTreeMap<EventId, Vec<EventId>>,
    /// Events that were in quarantine at some time: their place in the order is the person's.
    pub(crate) set_aside: BTreeSet<EventId>,
    /// Events that some screen has shown as saved.
    pub(crate) saved: BTreeSet<EventId>,
    /// Events that were on some device's disk.
    pub(crate) on_disk: BTreeSet<EventId>,
    /// Events that localStorage refused at some time. Until the mirror has them they are only in
    /// memory, and the screen says that they are not saved.
    pub(crate) refused: BTreeSet<EventId>,
}

impl Recorded {
    /// A screen says that everything is saved when nothing of its buffer is only in memory.
    pub(crate) fn note_saved(&mut self, client: &Core) {
        let events = &client.state().events;
        if events.not_durable_count() == 0 && events.unstored_count() == 0 {
            self.saved.extend(events.waiting().map(|it| it.envelope.id));
        }
    }

    /// After the server was restored: an event that it had may be gone if it never was on a disk of
    /// ours, because the browser crashed before that.
    pub(crate) fn forget_without_copy(
        &mut self,
        devices: &[Device],
        log: &MemoryLog,
        user_id: UserId,
    ) {
        let lost = nowhere(self, devices, log, user_id);
        for id in lost.into_iter().filter(|id| !self.on_disk.contains(id)) {
            self.events.remove(&id);
        }
    }

    /// After a tab died: what no storage had taken, and no screen had called saved, is gone.
    pub(crate) fn forget_refused(&mut self, devices: &[Device], log: &MemoryLog, user_id: UserId) {
        if self.refused.is_empty() {
            return;
        }
        let lost = nowhere(self, devices, log, user_id);
        let refused = lost.into_iter().filter(|id| self.refused.contains(id));
        for id in refused.filter(|id| !self.saved.contains(id)).collect::<Vec<_>>() {
            self.events.remove(&id);
        }
    }

    /// After a crash: an event that is gone may be gone if no screen ever said that it was saved.
    pub(crate) fn forget_unsaved(&mut self, devices: &[Device], log: &MemoryLog, user_id: UserId) {
        let lost = nowhere(self, devices, log, user_id);
        for id in lost.into_iter().filter(|id| !self.saved.contains(id)) {
            self.events.remove(&id);
        }
    }
}

/// The events that are in no log and on no disk, nor in the memory of a tab that says so.
fn nowhere(
    recorded: &Recorded,
    devices: &[Device],
    log: &MemoryLog,
    user_id: UserId,
) -> Vec<EventId> {
    let is_held = |event: &Envelope| {
        recorded.refused.contains(&event.id)
            && open_tabs(devices).any(|(_, _, client)| client.state().events.is_known(event))
    };
    let is_lost =
        |event: &&Envelope| is_nowhere(event.id, devices, log, user_id) && !is_held(event);
    recorded.events.values().filter(is_lost).map(|event| event.id).collect()
}

/// Whether an event is in no log and on no disk.
pub(crate) fn is_nowhere(
    id: EventId,
    devices: &[Device],
    log: &MemoryLog,
    user_id: UserId,
) -> bool {
    if log.contains(user_id, id) {
        return false;
    }
    let name = id.to_string();
    let mut stored = devices.iter().flat_map(|device| {
        device.local_storage.keys().chain(device.mirror.keys()).chain(device.archive.keys())
    });
    !stored.any(|key| key.ends_with(&name))
}

/// P1 "What the screen has accepted is in the buffer, in the server's log, or in quarantine.
/// Never nowhere."
pub(crate) fn nothing_is_nowhere(
    recorded: &Recorded,
    devices: &[Device],
    log: &MemoryLog,
    user_id: UserId,
) -> Result<(), String> {
    match nowhere(recorded, devices, log, user_id).first() {
        Some(id) => Err(format!("P1: {id} is nowhere: {:?}", recorded.events.get(id))),
        None => Ok(()),
    }
}

/// P1 at the end: when all is quiet, what was accepted is in the log, or some screen asks the
/// person about it.
pub(crate) fn everything_arrived(
    recorded: &Recorded,
    devices: &[Device],
    log: &MemoryLog,
    user_id: UserId,
) -> Result<(), String> {
    let mut asked: BTreeSet<EventId> = BTreeSet::new();
    for (_, _, client) in open_tabs(devices) {
        asked.extend(client.state().events.quarantined().map(|it| it.event.envelope.id));
    }
    let is_settled = |id: &EventId| log.contains(user_id, *id) || asked.contains(id);
    match recorded.events.iter().find(|(id, _)| !is_settled(id)) {
        Some((id, envelope)) => Err(format!("P1: {id} never arrived: {envelope:?}")),
        None => Ok(()),
    }
}

/// P1 at the end: the person is asked only about what the server has refused, and what came along
/// with that, and not about what it has taken. A server that was restored is offered what it may
/// have, and one of two equal profiles may wait with what it has from the other; of that something
/// can still come along with what it refuses.
pub(crate) fn only_the_refused_is_asked_about(
    devices: &[Device],
    server: &Server,
    user_id: UserId,
) -> Result<(), String> {
    let is_offered_more = server.was_restored || devices.iter().any(|it| it.is_copied);
    for (device, tab, client) in open_tabs(devices) {
        for it in client.state().events.quarantined() {
            let id = it.event.envelope.id;
            let came_along = it.reason.code == QuarantineCode::Dependent;
            // What an older server refused, it may take from a copied profile once it is upgraded.
            let may_be_taken = came_along && is_offered_more || server.speaks_older;
            let is_taken = server.log.contains(user_id, id) && !may_be_taken;
            let is_project = matches!(it.event.envelope.event, Event::CreateProject(_));
            let is_refused = server.rejected.contains(&id) || server.speaks_older && is_project;
            if is_taken || !(came_along || is_refused) {
                return Err(format!("P1: tab {device}.{tab} set {id} aside without a reason"));
            }
        }
    }
    Ok(())
}

/// P2, P5 and P6, and the one interpreter: the server's state is the fold of its log.
pub(crate) fn log_is_sound(log: &MemoryLog, user_id: UserId) -> Result<(), String> {
    let ledger = log::is_sound(envelopes(log, user_id))?;
    if ledger.digest() != log.ledger(user_id).digest() {
        return Err("the server's state is not the fold of its log".to_owned());
    }
    Ok(())
}

fn envelopes(log: &MemoryLog, user_id: UserId) -> impl Iterator<Item = (u64, &Envelope)> {
    log.events(user_id).iter().map(|accepted| (accepted.seq, &accepted.event.envelope))
}

/// P3 "A BULK_EVENT is wholly visible or not at all, to every reader": whatever a client holds as
/// confirmed is exactly the server's state at the end of some commit.
pub(crate) fn confirmed_is_a_commit(client: &Core, server: &Server) -> Result<(), String> {
    let ledger = &client.state().ledger;
    let Some(epoch) = ledger.epoch() else { return Ok(()) };
    match server.commits.get(&(epoch, ledger.cursor())) {
        Some(expected) if expected == ledger.confirmed() => Ok(()),
        Some(_) => Err(format!("P3: the data confirmed at {} differs", ledger.cursor())),
        None => Err(format!("P3: {} is in the middle of a commit", ledger.cursor())),
    }
}

/// P4. A crash may take what was never said to be saved, with all that follows from it.
pub(crate) fn order_is_kept(
    recorded: &Recorded,
    log: &MemoryLog,
    user_id: UserId,
) -> Result<(), String> {
    let is_excused =
        |id: EventId| !recorded.events.contains_key(&id) || recorded.set_aside.contains(&id);
    log::order_is_kept(&recorded.causes, is_excused, envelopes(log, user_id))
}

/// P7 "When all is quiet every tab and device shows the same state as the server: equal hashes,
/// empty overlay."
pub(crate) fn all_show_the_same(
    devices: &[Device],
    log: &MemoryLog,
    user_id: UserId,
) -> Result<(), String> {
    let expected = log.ledger(user_id).digest();
    for (device, tab, client) in open_tabs(devices) {
        let state = client.state();
        if state.events.overlay().next().is_some() {
            return Err(format!("P7: tab {device}.{tab} still has an overlay"));
        }
        if state.ledger.shown().digest() != expected {
            return Err(format!("P7: tab {device}.{tab} shows something else than the server"));
        }
    }
    Ok(())
}

/// P11 "Undo restores what was visible before, or says why it cannot": here nothing came between.
pub(crate) fn undo_restores(before: &TimeEntry, client: &Core) -> Result<(), String> {
    let state = client.state();
    let after = state.ledger.shown().entry(before.id);
    let says_why = matches!(state.notices.current, Some(Notice::Refused(_)));
    if says_why || after.is_some_and(|after| **after == *before) {
        return Ok(());
    }
    Err(format!("P11: undoing the deletion of {before:?} shows {after:?}"))
}

/// P12 "Older clients and older buffers still work against a newer server and the other way round,
/// or are refused with a clear message and keep their data": what a newer version of the app left
/// on a device is there for when it comes back.
pub(crate) fn what_is_newer_is_kept(devices: &[Device]) -> Result<(), String> {
    for device in devices {
        for id in &device.newer {
            let mut keys = device.local_storage.keys().chain(device.mirror.keys());
            if !keys.any(|key| key.ends_with(id)) {
                return Err(format!("P12: {id}, which a newer version recorded, is gone"));
            }
        }
    }
    Ok(())
}

/// Whether a tab has nothing left to do (P8 asks that it gets there).
pub(crate) fn is_quiet(devices: &[Device], log: &MemoryLog, user_id: UserId) -> bool {
    let Head { epoch, cursor } = log.head(user_id);
    open_tabs(devices).all(|(_, _, client)| {
        let state = client.state();
        state.connection.joined
            && state.ledger.epoch() == Some(epoch)
            && state.ledger.cursor() == cursor
            && state.events.overlay().next().is_none()
    })
}

/// What keeps each tab from being quiet.
pub(crate) fn unrest(devices: &[Device], log: &MemoryLog, user_id: UserId) -> String {
    let mut text = format!("the log ends at {}", log.head(user_id).cursor);
    for (device, tab, client) in open_tabs(devices) {
        let state = client.state();
        let overlay: Vec<EventId> = state.events.overlay().map(|it| it.envelope.id).collect();
        let waiting = state.events.waiting_count();
        let (joined, cursor) = (state.connection.joined, state.ledger.cursor());
        text += &format!(
            "; tab {device}.{tab} joined {joined} cursor {cursor} waiting {waiting} \
             overlay {overlay:?}"
        );
    }
    text
}

/// The tabs that can do anything.
fn open_tabs(devices: &[Device]) -> impl Iterator<Item = (usize, usize, &Core)> {
    devices.iter().enumerate().flat_map(|(index, device)| {
        let tabs = device.tabs.iter().enumerate();
        let open = tabs.filter_map(|(tab, it)| Some((tab, it.as_ref()?)));
        let awake = open.filter(|(_, it)| it.frozen_until_ms < FOR_GOOD_MS);
        awake.map(move |(tab, it)| (index, tab, &it.client))
    })
}
