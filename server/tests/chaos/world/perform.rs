//! Carrying out a client's effects.

use tokio::task::spawn_local;
use wizitime::app::effect::{DurableWrite, Effect, HttpCall};
use wizitime::app::input::{Input, SessionAnswer, SignInError};
use wizitime::sync::StorageKey;
use wizitime_domain::{Envelope, EventId};
use wizitime_protocol::messages::BULK_EVENT;
use wizitime_protocol::phoenix::ConnId;

use super::{Happening, Place, Tidings, World};
use crate::link::Link;
use crate::{faults, http, mirror};

/// What one tab stores, the others hear of after this time, in the order of storing.
const PEER_MS: u64 = 2;

impl World {
    /// Feeds a tab and carries out what it wants.
    pub(super) fn feed(&mut self, place: Place, life: u64, input: Input) {
        let now = self.clock.now(self.devices[place.0].skew_ms);
        let Some(tab) = self.tab(place, life) else { return };
        let seen: Vec<EventId> = if matches!(input, Input::User(_)) {
            tab.client.state().events.waiting().map(|it| it.envelope.id).collect()
        } else {
            Vec::new()
        };
        let effects = tab.client.handle(input, now);
        self.seen = seen;
        self.perform(place, life, effects);
        if self.strikes(faults::LOOKED_AT) {
            self.look_at_confirmed(place);
        }
    }

    /// Notes what a tab holds as confirmed, to be compared with the log at the end.
    pub(super) fn look_at_confirmed(&mut self, (device, tab): Place) {
        let Some(tab) = &mut self.devices[device].tabs[tab] else { return };
        let ledger = &tab.client.state().ledger;
        let extent = ledger.epoch().map(|epoch| (epoch, ledger.cursor()));
        if extent.is_some() && extent != tab.looked_at {
            let digests = self.recorded.confirmed.entry(ledger.cursor()).or_default();
            digests.insert(ledger.confirmed().digest());
            tab.looked_at = extent;
        }
    }

    /// Carries out effects in their order; the tab may be killed between any two.
    pub(super) fn perform(&mut self, place: Place, life: u64, effects: Vec<Effect>) {
        for effect in effects {
            if self.strikes(faults::KILLED_AT_EFFECT) {
                self.kill_tab(place);
            }
            if self.tab(place, life).is_none() {
                return;
            }
            self.carry_out(place, life, effect);
        }
    }

    fn carry_out(&mut self, place: Place, life: u64, effect: Effect) {
        let (device, _) = place;
        match effect {
            Effect::WriteStorage { key, value } => self.store(place, key, value),
            Effect::MoveStorage { from, to, value } => {
                self.store(place, to, value);
                if self.strikes(faults::KILLED_AT_EFFECT) {
                    self.kill_tab(place);
                    return;
                }
                self.remove(place, &from);
            }
            Effect::RemoveStorage { key } => self.remove(place, &key),
            Effect::ReadStorage => {
                let stored = self.devices[device].stored();
                self.input(place, 0, Input::StorageRead { stored });
            }
            Effect::ReadDurableCopy => {
                let mirror = &self.devices[device].mirror;
                let stored = mirror.iter().map(|(key, value)| (key.clone(), value.clone()));
                let stored = Some(stored.collect());
                let after_ms = self.rng.below(faults::MIRROR_MS_MAX);
                self.input(place, after_ms, Input::DurableCopyRead { stored });
            }
            Effect::WriteDurableCopy(write) => {
                let takes_ms = self.rng.below(faults::MIRROR_MS_MAX);
                let now_ms = self.clock.elapsed_ms();
                let device = &mut self.devices[device];
                // One transaction after the other.
                let at_ms = device.mirror_busy_until_ms.max(now_ms) + takes_ms;
                device.mirror_busy_until_ms = at_ms;
                self.schedule(at_ms - now_ms, Happening::Mirror { place, life, write });
            }
            Effect::ReadArchive { user_id } => {
                let archive = &self.devices[device].archive;
                let archived = archive.iter().map(|(key, text)| (key.clone(), text.clone()));
                let archived = archived.collect();
                let after_ms = self.rng.below(faults::MIRROR_MS_MAX);
                self.input(place, after_ms, Input::ArchiveRead { user_id, archived });
            }
            Effect::LoadCache { user_id } => {
                let cache = self.devices[device].caches.get(&user_id);
                let snapshot = cache.and_then(|it| it.snapshot());
                let after_ms = self.rng.below(faults::MIRROR_MS_MAX);
                self.input(place, after_ms, Input::CacheLoaded { user_id, snapshot });
            }
            Effect::WriteCache(write) => {
                let user_id = write.user_id;
                let lost = self.strikes(faults::CACHE_LOST);
                let cache = self.devices[device].caches.entry(user_id).or_default();
                if !lost && !cache.write(&write) {
                    self.input(place, 1, Input::CacheOutdated { user_id });
                }
            }
            Effect::ClearCache { user_id } => {
                self.devices[device].caches.remove(&user_id);
            }
            Effect::Connect { conn, token } => self.connect(place, life, conn, &token.0),
            Effect::Send { conn, text } => {
                if text.contains(BULK_EVENT) {
                    self.strike_at_commit();
                }
                let link = self.tab(place, life).and_then(|tab| tab.link.as_ref());
                if let Some(link) = link.filter(|it| it.conn == conn) {
                    link.send(text);
                }
            }
            Effect::CloseSocket { conn } => {
                if let Some(tab) = self.tab(place, life) {
                    tab.link.take_if(|link| link.conn == conn);
                }
            }
            Effect::WakeAt(at) => {
                if let Some(tab) = self.tab(place, life) {
                    tab.wake_at_ms = Some(at.as_ms());
                }
            }
            Effect::Http(call) => self.http(place, life, call),
            Effect::PostToPeers(message) => {
                for peer in self.peers(place.0, place.1) {
                    self.input(peer, PEER_MS, Input::PeerMessageReceived(message));
                }
            }
            Effect::TakeLeaderLock => {
                if let Some(tab) = self.devices[device].sender.replace(place.1) {
                    self.input((device, tab), 0, Input::LostLeadership);
                }
                let stored = self.devices[device].stored();
                self.input(place, 0, Input::BecameLeader { stored });
            }
            Effect::Download { .. }
            | Effect::ActivateUpdate
            | Effect::RequestPersistence
            | Effect::Render(_) => (),
        }
    }

    fn connect(&mut self, place: Place, life: u64, conn: ConnId, token: &str) {
        if !self.devices[place.0].online {
            self.input(place, 1, Input::SocketClosed { conn, code: Some(1006) });
            return;
        }
        let link = Link::open(self.proxy.address, token, conn, (place, life), self.tell.clone());
        if let Some(tab) = self.tab(place, life) {
            tab.link = Some(link);
        }
    }

    fn http(&mut self, place: Place, life: u64, call: HttpCall) {
        if !self.devices[place.0].online {
            match call {
                HttpCall::SignIn { .. } | HttpCall::SignUp { .. } => {
                    let answer = Err(SignInError::Unreachable);
                    self.input(place, 1, Input::SignInAnswered(answer));
                }
                HttpCall::Session { .. } => {
                    let answer = SessionAnswer::Unreachable;
                    self.input(place, 1, Input::SessionAnswered(answer));
                }
                HttpCall::SignOut { .. } => (),
            }
            return;
        }
        let (address, tell) = (self.proxy.address, self.tell.clone());
        spawn_local(async move {
            if let Some(input) = http::call(address, call).await {
                let input = Box::new(input);
                // The world may have ended; then nobody needs to know.
                let _ = tell.send(Tidings::Input { place, life, input }).await;
            }
        });
    }

    fn store(&mut self, place: Place, key: String, value: String) {
        let (device, tab) = place;
        self.witness(&key, &value);
        self.devices[device].local_storage.insert(key.clone(), value.clone());
        for peer in self.peers(device, tab) {
            let (key, value) = (key.clone(), value.clone());
            self.input(peer, PEER_MS, Input::PeerStored { key, value });
        }
    }

    fn remove(&mut self, place: Place, key: &str) {
        let (device, tab) = place;
        if self.devices[device].local_storage.remove(key).is_some() {
            for peer in self.peers(device, tab) {
                self.input(peer, PEER_MS, Input::PeerRemoved { key: key.to_owned() });
            }
        }
    }

    fn peers(&self, device: usize, tab: usize) -> Vec<Place> {
        let tabs = 0..self.devices[device].tabs.len();
        tabs.filter(|other| *other != tab).map(|other| (device, other)).collect()
    }

    /// A change of the mirror is on disk, if the tab that asked for it still lives.
    pub(super) fn mirror(&mut self, place: Place, life: u64, write: DurableWrite) {
        if self.tab(place, life).is_none() {
            return;
        }
        let device = &mut self.devices[place.0];
        let input = mirror::change(&mut device.mirror, &mut device.archive, write);
        self.feed(place, life, input);
    }

    /// The oracle hears of every event that is on disk for the first time, and of what its tab had
    /// seen before. A tab that dies before has shown nothing yet.
    fn witness(&mut self, key: &str, value: &str) {
        match StorageKey::parse(key) {
            Some(StorageKey::Event { id, .. }) if !self.recorded.events.contains_key(&id) => {
                let envelope = Envelope::from_json(value).unwrap();
                self.recorded.events.insert(id, envelope);
                self.recorded.causes.insert(id, self.seen.clone());
                self.seen.push(id);
            }
            Some(StorageKey::Quarantine { id, .. }) => {
                self.recorded.set_aside.insert(id);
            }
            _ => (),
        }
    }
}
