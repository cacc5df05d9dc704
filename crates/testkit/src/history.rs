//! What was recorded, shown, sent and given up anywhere: what the invariants compare with.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use wizitime::app::Core;
use wizitime::effects::DurableWrite;
use wizitime_domain::{Envelope, EventId};
use wizitime_protocol::messages::BULK_EVENT;

use crate::invariants::{self, Observed};
use crate::profile::Profile;

/// The recorded events and what became of them.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Events that were shown or stored and have to be kept.
    pub events: BTreeMap<EventId, Envelope>,
    /// The events that waited in the tab's buffer when this one was recorded.
    pub causes: BTreeMap<EventId, Vec<EventId>>,
    /// Events that were in quarantine at some time: the user decides their place in the order.
    pub quarantined: BTreeSet<EventId>,
    /// Events that some screen has shown as saved.
    pub saved: BTreeSet<EventId>,
    /// Events that were in some durable copy or archive.
    pub on_disk: BTreeSet<EventId>,
    /// Events that localStorage refused at some time. Until the durable copy has them they are in
    /// memory only, and the screen says so.
    pub refused: BTreeSet<EventId>,
    /// Events that were lost with a store, and came back from another. Their place in the order is
    /// not checked.
    returned: BTreeSet<EventId>,
    /// Events in a batch that was sent at some time.
    sent: BTreeSet<EventId>,
    /// Events that the user gave up, with the device where that was, and when its tabs know.
    discarded: BTreeMap<EventId, (usize, u64)>,
    /// Discarded events that no store of their device had any more, and whether they had been sent
    /// by then. They must not come back.
    gone: BTreeMap<EventId, bool>,
    /// Events that a crash brought back to quarantine: nothing of a retry was on disk.
    requarantined: BTreeSet<EventId>,
    has_copied_profile: bool,
}

impl History {
    /// Notes an event that was stored or shown; `seen` is what waited in its tab before.
    pub fn accept(&mut self, envelope: Envelope, seen: &mut Vec<EventId>) {
        let id = envelope.id;
        if self.events.contains_key(&id) || self.discarded.contains_key(&id) {
            return;
        }
        self.events.insert(id, envelope);
        match self.causes.entry(id) {
            Entry::Vacant(causes) => {
                causes.insert(seen.clone());
            }
            Entry::Occupied(_) => {
                self.returned.insert(id);
            }
        }
        seen.push(id);
    }

    /// Notes what the screen of a tab shows as saved: all of its buffer, when nothing of it is in
    /// memory only.
    pub fn note_saved(&mut self, core: &Core) {
        let events = &core.state().events;
        if events.not_durable_count() == 0 && events.unstored_count() == 0 {
            self.saved.extend(events.waiting().map(|it| it.envelope.id));
        }
    }

    /// Notes a write that IndexedDB has executed.
    pub fn note_on_disk(&mut self, write: &DurableWrite) {
        self.on_disk.extend(ids(&write.puts).chain(ids(&write.archive_puts)));
    }

    /// Notes a write that IndexedDB has refused or does not execute: acknowledged events have no
    /// copy then.
    pub fn note_unarchived(&mut self, write: &DurableWrite) {
        for id in ids(&write.archive_puts) {
            self.on_disk.remove(&id);
        }
    }

    /// Notes the events of a frame, if it is a batch.
    pub fn note_sent(&mut self, text: &str) {
        if text.contains(BULK_EVENT) {
            let parts = text.split("{\"id\":\"").skip(1);
            self.sent
                .extend(parts.filter_map(|part| part.split('"').next()?.parse::<EventId>().ok()));
        }
    }

    /// Whether the place of an event in the order is not checked: it is lost, it came back, or the
    /// user decided about it in quarantine.
    pub fn may_be_reordered(&self, id: EventId) -> bool {
        !self.events.contains_key(&id)
            || self.quarantined.contains(&id)
            || self.returned.contains(&id)
    }

    /// The user has given up an event on a device, whose tabs know it from `known_ms` on. From now
    /// on it may be missing.
    pub fn discard(&mut self, id: EventId, device: usize, known_ms: u64) {
        self.events.remove(&id);
        self.discarded.insert(id, (device, known_ms));
    }

    /// Whether some discarded event may still be in a store of its device.
    pub fn has_unsettled_discards(&self) -> bool {
        !self.has_copied_profile && self.discarded.len() > self.gone.len()
    }

    /// After a change of the stores of a device: a discarded event that none of them has must not
    /// come back. It is too early to say while the device is unsettled: a frozen tab does not know
    /// of the discard, and requests to IndexedDB are pending.
    pub fn settle_discards(&mut self, device: usize, profile: &Profile, now_ms: u64) {
        for (id, (at, known_ms)) in &self.discarded {
            let is_known = *at == device && *known_ms <= now_ms;
            if is_known && !self.gone.contains_key(id) && !profile.holds(*id) {
                self.gone.insert(*id, self.sent.contains(id));
            }
        }
    }

    /// After a crash: localStorage may hold what was removed from it a moment ago.
    pub fn recover_from_crash(&mut self, profile: &Profile) {
        self.gone.retain(|id, _| !profile.holds(*id));
        self.requarantined.extend(profile.quarantined_in_both());
    }

    /// Whether a crash may have taken a retry of this event, and the reply to it.
    pub fn may_have_lost_a_retry(&self, id: EventId) -> bool {
        self.requarantined.contains(&id)
    }

    /// A profile was copied: the copy may hold everything that its original discards.
    pub fn note_copied_profile(&mut self) {
        self.gone.clear();
        self.has_copied_profile = true;
    }

    /// Whether the event was discarded for good.
    pub fn is_gone(&self, id: EventId) -> bool {
        self.gone.contains_key(&id)
    }

    /// Whether the event was discarded.
    pub fn is_discarded(&self, id: EventId) -> bool {
        self.discarded.contains_key(&id)
    }

    /// The events that were discarded for good, and whether they had been sent before.
    pub fn gone(&self) -> impl Iterator<Item = (EventId, bool)> {
        self.gone.iter().map(|(id, was_sent)| (*id, *was_sent))
    }

    /// After the server was restored: an event that it had may be lost if it never was on a disk of
    /// a device, because the browser crashed before that.
    pub fn forget_without_copy(&mut self, observed: &Observed<'_>) {
        self.forget(observed, |history, id| !history.on_disk.contains(id));
    }

    /// After a tab was killed: an event that no storage had taken is lost, unless a screen had
    /// shown it as saved.
    pub fn forget_refused(&mut self, observed: &Observed<'_>) {
        if !self.refused.is_empty() {
            self.forget(observed, |history, id| {
                history.refused.contains(id) && !history.saved.contains(id)
            });
        }
    }

    /// After a crash: an event is lost if no screen had shown it as saved.
    pub fn forget_unsaved(&mut self, observed: &Observed<'_>) {
        self.forget(observed, |history, id| !history.saved.contains(id));
    }

    fn forget(&mut self, observed: &Observed<'_>, is_lost: impl Fn(&Self, &EventId) -> bool) {
        for id in invariants::nowhere(self, observed) {
            if is_lost(self, &id) {
                self.events.remove(&id);
            }
        }
    }
}

/// The events that keys of the durable copy or the archive name.
fn ids(pairs: &[(String, String)]) -> impl Iterator<Item = EventId> {
    pairs.iter().filter_map(|(key, _)| key.rsplit(['.', '/']).next()?.parse().ok())
}
