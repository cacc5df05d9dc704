//! Carrying out a client's effects.

use std::collections::btree_map::Entry;

use wizitime::app::RefusedWrites;
use wizitime::app::effect::{Effect, HttpCall};
use wizitime::app::input::{Input, SessionAnswer, SignInReply};
use wizitime::features::{AccountIntent, EntryIntent, Intent};
use wizitime::sync::StorageKey;
use wizitime::sync::record::{BufferedEvent, Owner};
use wizitime_domain::{
    DeviceId, EntryId, Envelope, Event, EventId, StopClock, TimeEntryRef, Timestamp, WriterId, Zone,
};
use wizitime_protocol::phoenix::ConnId;

use super::{Happening, MONO_BEGIN_MS, Place, World};
use crate::device::Tab;
use crate::faults::Fault;
use crate::oracle;
use crate::user;

/// How far the mirror falls behind what it is given.
const BEHIND_MS_MAX: u64 = 10_000;
/// Which of the deletions are undone at once.
const UNDO_ONE_IN: u64 = 3;

impl World {
    /// Feeds a tab and carries out what it wants.
    pub(super) fn feed(&mut self, place: Place, life: u64, input: Input) {
        if self.tab(place, life).is_none() {
            return;
        }
        let now = self.now(place.0);
        let Some(tab) = self.tab(place, life) else { return };
        let is_user = matches!(input, Input::User(_));
        let waiting = |tab: &Tab| -> Vec<Envelope> {
            let events = is_user.then(|| tab.client.state().events.waiting());
            events.into_iter().flatten().map(|it| it.envelope.clone()).collect()
        };
        let before = waiting(tab);
        let effects = tab.client.handle(input, now);
        let mut fresh = waiting(tab);
        self.seen = before.iter().map(|it| it.id).collect();
        fresh.retain(|it| !self.seen.contains(&it.id));
        self.fresh = fresh;
        self.perform(place, life, effects);
        self.compare(place, life);
    }

    pub(super) fn tab(&mut self, place: Place, life: u64) -> Option<&mut crate::device::Tab> {
        let tab = self.devices[place.0].tabs[place.1].as_mut();
        tab.filter(|tab| tab.life == life)
    }

    /// The oracle hears of every event that is on disk for the first time. A tab that dies before
    /// has shown nothing yet.
    pub(super) fn witness(&mut self, key: &str, value: &str) {
        match StorageKey::parse(key) {
            Some(StorageKey::Event { .. }) => {
                if let Ok(envelope) = Envelope::from_json(value) {
                    self.accepted(envelope);
                }
            }
            Some(StorageKey::Quarantine { id, .. }) => {
                self.recorded.set_aside.insert(id);
            }
            _ => (),
        }
    }

    /// The oracle hears of an event, and of what its tab had seen before.
    fn accepted(&mut self, envelope: Envelope) {
        let id = envelope.id;
        if let Entry::Vacant(unheard) = self.recorded.events.entry(id) {
            unheard.insert(envelope);
            // One that was given up may come back; what its tab had seen is what it was.
            self.recorded.causes.entry(id).or_insert_with(|| self.seen.clone());
            self.seen.push(id);
        }
    }

    /// Holds what a tab has as confirmed against the server's history.
    fn compare(&mut self, place: Place, life: u64) {
        let Some(tab) = self.tab(place, life) else { return };
        let ledger = &tab.client.state().ledger;
        let extent = ledger.epoch().map(|epoch| (epoch, ledger.cursor()));
        if extent.is_none() || extent == tab.checked {
            return;
        }
        tab.checked = extent;
        let tab = self.devices[place.0].tabs[place.1].as_ref();
        if let Some(Err(why)) =
            tab.map(|tab| oracle::confirmed_is_a_commit(&tab.client, &self.server))
        {
            self.broken = Some(why);
        }
    }

    /// Carries out effects in their order; the tab may be killed between any two.
    pub(super) fn perform(&mut self, place: Place, life: u64, effects: Vec<Effect>) {
        let mut refusals = RefusedWrites::default();
        for effect in effects {
            if self.strikes(Fault::Kill) {
                self.kill(place);
            }
            if self.strikes(Fault::Crash) {
                self.crash_browser(place.0);
            }
            if self.tab(place, life).is_none() {
                // Nobody has seen what it was about to show.
                self.fresh.clear();
                return;
            }
            self.carry_out(place, life, effect, &mut refusals);
        }
        if let Some(refused) = refusals.into_input() {
            self.feed(place, life, refused);
        }
    }

    fn carry_out(&mut self, place: Place, life: u64, effect: Effect, refusals: &mut RefusedWrites) {
        let (device, _) = place;
        match effect {
            Effect::WriteStorage { key, value } => {
                self.store(place, key, value, refusals);
            }
            Effect::MoveStorage { from, to, value } => {
                if !self.store(place, to, value, refusals) {
                    return;
                }
                if self.strikes(Fault::Kill) {
                    self.kill(place);
                    return;
                }
                self.remove(place, from);
            }
            Effect::RemoveStorage { key } => self.remove(place, key),
            Effect::ReadStorage => {
                let stored = self.stored(device);
                self.input(place, 0, Input::StorageRead { stored });
            }
            Effect::ReadDurableCopy => {
                let mirror = &self.devices[device].mirror;
                let stored = mirror.iter().map(|(key, value)| (key.clone(), value.clone()));
                let stored = Some(stored.collect());
                let slow = self.strikes(Fault::SlowMirror);
                // Sending waits for it for three seconds.
                let after_ms = 1 + self.rng.below(if slow { 2_900 } else { 20 });
                self.input(place, after_ms, Input::DurableCopyRead { stored });
            }
            Effect::WriteDurableCopy(write) => {
                // However slow it is, it does not fall behind for ever.
                let is_behind =
                    self.devices[device].mirror_busy_until_ms > self.now_ms + BEHIND_MS_MAX;
                let slow = !is_behind && self.strikes(Fault::SlowMirror);
                let takes_ms = 1 + self.rng.below(if slow { 4_000 } else { 10 });
                let device = &mut self.devices[device];
                // One transaction after the other.
                let at_ms = device.mirror_busy_until_ms.max(self.now_ms) + takes_ms;
                device.mirror_busy_until_ms = at_ms;
                let happening = Happening::Mirror { place, life, write };
                self.schedule(at_ms - self.now_ms, happening);
            }
            Effect::ReadArchive { user_id } => {
                let archive = &self.devices[device].archive;
                let archived = archive.iter().map(|(key, text)| (key.clone(), text.clone()));
                let archived = archived.collect();
                let after_ms = 1 + self.rng.below(20);
                self.input(place, after_ms, Input::ArchiveRead { user_id, archived });
            }
            Effect::LoadCache { user_id } => {
                let snapshot = self.cache(device, user_id);
                let after_ms = 1 + self.rng.below(20);
                self.input(place, after_ms, Input::CacheLoaded { user_id, snapshot });
            }
            Effect::WriteCache(write) => {
                let user_id = write.user_id;
                let lost = self.strikes(Fault::CacheLost);
                let cache = self.devices[device].caches.entry(user_id).or_default();
                if !lost && !cache.write(&write) {
                    self.input(place, 1, Input::CacheOutdated { user_id });
                }
            }
            Effect::ClearCache { user_id } => {
                self.devices[device].caches.remove(&user_id);
            }
            Effect::Connect { conn, token } => self.connect(place, life, conn, token.0),
            Effect::Send { conn, text } => self.send_to_server(place, life, conn, text),
            Effect::CloseSocket { conn } => {
                if let Some(tab) = self.tab(place, life)
                    && let Some((_, link)) = tab.conn.take_if(|(ours, _)| *ours == conn)
                {
                    self.server.sessions.remove(&link);
                }
            }
            Effect::WakeAt(at) => {
                let slept_ms = self.devices[device].slept_ms;
                let at_ms = (at.as_ms() + slept_ms).saturating_sub(MONO_BEGIN_MS);
                if let Some(tab) = self.tab(place, life) {
                    tab.wake_ms = Some(at_ms);
                    self.set_timer(place, life);
                }
            }
            Effect::PostToPeers(message) => {
                for peer in self.peers(place.0, place.1) {
                    self.input(peer, 2, Input::PeerMessageReceived(message));
                }
            }
            Effect::TakeLeaderLock => {
                self.trace.note(self.now_ms, || format!("{place:?} takes the lock"));
                if let Some(tab) = self.devices[device].sender.replace(place.1) {
                    self.input((device, tab), 1, Input::LostLeadership);
                }
                let stored = self.stored(device);
                self.input(place, 1, Input::BecameLeader { stored });
            }
            Effect::Http(call) => self.http(place, call),
            // What the screen shows was accepted, wherever it is by now.
            Effect::Render(_) => {
                let fresh = std::mem::take(&mut self.fresh);
                fresh.into_iter().for_each(|envelope| self.accepted(envelope));
                if let Some(tab) = &self.devices[device].tabs[place.1] {
                    self.recorded.note_saved(&tab.client);
                }
            }
            Effect::Download { .. } | Effect::ActivateUpdate | Effect::RequestPersistence => (),
        }
    }

    /// Makes sure that a timer goes off when the tab wants to be woken.
    pub(super) fn set_timer(&mut self, place: Place, life: u64) {
        let now_ms = self.now_ms;
        let Some(tab) = self.tab(place, life) else { return };
        let Some(at) = tab.wake_ms.map(|at_ms| at_ms.max(now_ms)) else { return };
        if tab.timer_ms.is_none_or(|timer_ms| timer_ms > at) {
            tab.timer_ms = Some(at);
            self.schedule(at - now_ms, Happening::Wake { place, life, at });
        }
    }

    fn http(&mut self, place: Place, call: HttpCall) {
        let reachable = self.server.up && self.devices[place.0].online;
        let after_ms = 5 + self.rng.below(100);
        let input = match call {
            HttpCall::SignIn { .. } | HttpCall::SignUp { .. } if reachable => {
                let account = self.account();
                Input::SignInAnswered(Ok(SignInReply {
                    user_id: account.user_id,
                    email: account.email,
                    token: account.token,
                    channel: account.channel,
                }))
            }
            HttpCall::SignIn { .. } | HttpCall::SignUp { .. } => {
                Input::SignInAnswered(Err(wizitime::app::input::SignInError::Unreachable))
            }
            HttpCall::Session { token } if reachable && self.server.revoked.contains(&token.0) => {
                Input::SessionAnswered(SessionAnswer::Revoked { token })
            }
            HttpCall::Session { .. } if reachable => Input::SessionAnswered(SessionAnswer::Valid),
            HttpCall::Session { .. } => Input::SessionAnswered(SessionAnswer::Unreachable),
            HttpCall::SignOut { .. } => return,
        };
        self.input(place, after_ms, input);
    }

    fn connect(&mut self, place: Place, life: u64, conn: ConnId, token: String) {
        self.last_link += 1;
        let link = self.last_link;
        if let Some(tab) = self.tab(place, life) {
            tab.conn = Some((conn, link));
        }
        let after_ms = 2 + self.rng.below(80);
        if self.server.up && self.devices[place.0].online {
            self.schedule(after_ms, Happening::Opened { place, life, conn, link, token });
        } else {
            self.input(place, after_ms, Input::SocketClosed { conn, code: Some(1006) });
        }
    }

    /// Whether localStorage took it.
    fn store(
        &mut self,
        place: Place,
        key: String,
        value: String,
        refusals: &mut RefusedWrites,
    ) -> bool {
        let (device, tab) = place;
        self.witness(&key, &value);
        if refusals.is_blocked(&key) || self.strikes(Fault::Full) {
            let id = StorageKey::parse(&key).and_then(|key| key.event_id());
            self.recorded.refused.extend(id);
            self.trace.note(self.now_ms, || format!("{place:?} cannot store {key}"));
            refusals.add(key);
            return false;
        }
        self.trace.note(self.now_ms, || format!("{place:?} stores {key}"));
        let before = self.devices[device].local_storage.insert(key.clone(), value.clone());
        self.devices[device].unflushed.push((self.now_ms, key.clone(), before));
        for peer in self.peers(device, tab) {
            let (key, value) = (key.clone(), value.clone());
            // One stream of changes for all tabs: their order is the order of writing.
            self.input(peer, 2, Input::PeerStored { key, value });
        }
        true
    }

    fn remove(&mut self, place: Place, key: String) {
        let (device, tab) = place;
        let before = self.devices[device].local_storage.remove(&key);
        if before.is_none() {
            return;
        }
        self.devices[device].unflushed.push((self.now_ms, key.clone(), before));
        self.trace.note(self.now_ms, || format!("{place:?} removes {key}"));
        for peer in self.peers(device, tab) {
            self.input(peer, 2, Input::PeerRemoved { key: key.clone() });
        }
        if let Some(id) = StorageKey::parse(&key).and_then(|key| key.event_id())
            && self.recorded.events.contains_key(&id)
            && oracle::is_nowhere(id, &self.devices, &self.server.log, self.user_id)
        {
            self.broken = Some(format!("P1: {key} was removed and is nowhere else"));
        }
    }

    fn peers(&self, device: usize, tab: usize) -> Vec<Place> {
        let tabs = 0..self.devices[device].tabs.len();
        tabs.filter(|other| *other != tab).map(|other| (device, other)).collect()
    }

    /// The person at a device does something in one of its tabs.
    pub(super) fn act(&mut self, device: usize) {
        let tab = self.rng.below(self.devices[device].tabs.len() as u64) as usize;
        let place = (device, tab);
        let Some(open) = &self.devices[device].tabs[tab] else { return };
        if open.frozen_until_ms > self.now_ms {
            return;
        }
        let life = open.life;
        let is_out = open.client.state().session.active().is_none();
        let intent = if is_out && self.rng.below(4) == 0 {
            let password = wizitime::app::Secret("secret".to_owned());
            Intent::Account(AccountIntent::SignIn {
                email: "someone@example.org".to_owned(),
                password,
            })
        } else {
            let now = open.client.server_time(self.now(device).wall);
            user::intent(&open.client, now, &mut self.rng)
        };
        self.trace.note(self.now_ms, || format!("{place:?} {intent:?}"));
        let deleted = if let Intent::Entry(EntryIntent::Delete { entry_id }) = &intent {
            open.client.state().ledger.shown().entry(*entry_id).cloned()
        } else {
            None
        };
        self.feed(place, life, Input::User(intent));
        if let Some(entry) = deleted.filter(|_| self.rng.below(UNDO_ONE_IN) == 0) {
            self.feed(
                place,
                life,
                Input::User(Intent::Entry(EntryIntent::Restore { entry_id: entry.id })),
            );
            let tab = self.tab(place, life);
            if let Some(Err(why)) = tab.map(|tab| oracle::undo_restores(&entry, &tab.client)) {
                self.broken = Some(why);
            }
        }
    }

    /// Puts an event into storage that can never be right.
    pub(super) fn plant_poison(&mut self, device: usize) {
        let (_, key, text) = self.impossible_event();
        self.trace.note(self.now_ms, || format!("device {device} is poisoned with {key}"));
        self.devices[device].local_storage.insert(key, text);
    }

    /// An event that stops or deletes what is not there, and where it is stored.
    pub(super) fn impossible_event(&mut self) -> (EventId, String, String) {
        let at = Timestamp::saturating_from_ms(super::BEGIN_MS);
        let time_entry_id = EntryId::from_bytes(self.rng.uuid_v7(at));
        let event = match self.rng.below(2) {
            0 => Event::StopClock(StopClock { time_entry_id, stopped_at: at }),
            _ => Event::DeleteTimeEntry(TimeEntryRef { time_entry_id }),
        };
        let envelope = Envelope {
            id: EventId::from_bytes(self.rng.uuid_v7(at)),
            device_id: DeviceId::from_bytes(self.rng.uuid_v7(at)),
            writer_id: WriterId::from_bytes(self.rng.uuid_v7(at)),
            seq: self.rng.below(50),
            at,
            recorded_at: at,
            zone: Zone::utc(),
            event,
        };
        let (id, json) = (envelope.id, envelope.to_json());
        let owner = Owner::User(self.user_id);
        let record = BufferedEvent { envelope, json: json.clone(), owner };
        (id, StorageKey::event(&record).write(), json.to_string())
    }
}
