//! Feeds tabs and carries out what they want.

use wizitime::app::RefusedWrites;
use wizitime::app::input::Input;

use super::Play;
use crate::disk::{Deed, Disk};
use crate::fault::Fault;
use crate::lore::Step;
use crate::table::Id;
use crate::world::{Conn, Request, Told};

impl Play<'_> {
    pub(super) fn feed_new(&mut self, tab: u8, input: Input) {
        let input = self.lore.inputs.intern(input);
        self.feed(tab, input);
    }

    pub(super) fn feed(&mut self, tab: u8, input: Id) {
        let time = self.time();
        let Some(mind) = self.world.tabs[usize::from(tab)].client else { return };
        let outcome = self.lore.handle(mind, input, usize::from(tab), time);
        self.world.tabs[usize::from(tab)].client = Some(outcome.mind);
        self.perform(tab, &outcome.steps);
        // A tab that died on the way has shown nothing.
        if self.died.is_none() {
            self.note_saved(tab);
        }
    }

    /// Carries out steps in their order. What localStorage is asked for is heard before anything
    /// else, as in a browser.
    pub(super) fn perform(&mut self, tab: u8, steps: &[Step]) {
        let mut refusals = RefusedWrites::default();
        let mut is_written = true;
        let mut reads = 0;
        for step in steps {
            if self.mishap.dies_after == Some(self.steps) {
                self.died = Some(tab);
            }
            if self.died.is_some() {
                return;
            }
            self.steps += 1;
            match *step {
                Step::Store(act) => is_written = self.store(tab, act, &mut refusals),
                Step::Remove(act) => self.remove(tab, act),
                Step::MoveAway(act) if is_written => self.remove(tab, act),
                Step::MoveAway(_) => (),
                Step::ReadStorage => reads += 1,
                Step::Request(deed) => {
                    let device = self.scope.device_of(tab);
                    let requests = &mut self.world.devices[usize::from(device)].requests;
                    requests.push(Request { tab, deed });
                }
                Step::Connect { conn: id } => {
                    let (up, down) = (Vec::new(), Vec::new());
                    let conn = Conn { id, opening: true, session: None, up, down };
                    self.world.tabs[usize::from(tab)].conn = Some(conn);
                }
                Step::Send { conn, frame } => {
                    let open = &mut self.world.tabs[usize::from(tab)].conn;
                    if let Some(open) = open.as_mut().filter(|it| it.id == conn)
                        && open.session.is_some()
                    {
                        open.up.push(frame);
                    }
                }
                Step::Close { conn } => {
                    self.world.tabs[usize::from(tab)].conn.take_if(|it| it.id == conn);
                }
                Step::Tell(input) => {
                    for peer in self.scope.peers(tab) {
                        let peer = &mut self.world.tabs[usize::from(peer)];
                        if peer.client.is_some() {
                            peer.told.push(Told::Input(input));
                        }
                    }
                }
                Step::TakeLock => self.take_lock(tab),
                Step::Ask(answer) => {
                    self.world.tabs[usize::from(tab)].told.push(Told::Input(answer));
                }
            }
        }
        if let Some(refused) = refusals.into_input() {
            self.feed_new(tab, refused);
        }
        for _ in 0..reads {
            let stored = self.disk_of(tab).stored();
            self.feed_new(tab, Input::StorageRead { stored });
        }
    }

    fn take_lock(&mut self, tab: u8) {
        let input = self.lore.inputs.intern(Input::LostLeadership);
        let device = self.scope.device_of(tab);
        let sender = self.world.devices[usize::from(device)].sender.replace(tab);
        if let Some(other) = sender.filter(|it| *it != tab) {
            self.world.tabs[usize::from(other)].told.push(Told::Input(input));
        }
        self.world.tabs[usize::from(tab)].told.push(Told::Lock);
    }

    pub(super) fn disk_of(&self, tab: u8) -> std::rc::Rc<Disk> {
        let device = self.scope.device_of(tab);
        self.lore.disks.get(self.world.devices[usize::from(device)].disk)
    }

    /// Does something to the disk of a tab's device, and answers what the tab hears.
    fn execute(&mut self, device: u8, act: Id) -> (bool, Option<Id>) {
        // What a crash could take is kept in mind only as long as there can be one.
        let unflushed = self.scope.fault == Fault::Browser && !self.world.struck;
        let disk = &mut self.world.devices[usize::from(device)].disk;
        let done = self.lore.execute(*disk, act, unflushed);
        *disk = done.disk;
        (done.is_different, done.answer)
    }

    pub(super) fn disk(&mut self, device: u8) {
        let Some(next) = self.world.next_request(device) else { return };
        let request = self.world.devices[usize::from(device)].requests.remove(next);
        let (_, answer) = self.execute(device, request.deed);
        if let Some(input) = answer {
            self.feed(request.tab, input);
        }
    }

    /// Whether localStorage took it.
    fn store(&mut self, tab: u8, act: Id, refusals: &mut RefusedWrites) -> bool {
        let it = self.lore.acts.get(act);
        let Deed::Store { key, .. } = &it.deed else { return true };
        if let Some(envelope) = &it.waits
            && !self.lore.recorded.get(self.world.recorded).events.contains_key(&envelope.id)
        {
            let seen = self.seen.clone();
            self.remember(|recorded| {
                recorded.events.insert(envelope.id, envelope.clone());
                recorded.causes.insert(envelope.id, seen);
            });
            self.seen.push(envelope.id);
        }
        let number = self.stores;
        self.stores += 1;
        if refusals.is_blocked(key) || self.mishap.refused == Some(number) {
            self.remember(|recorded| recorded.refused.extend(it.event));
            refusals.add(key.clone());
            return false;
        }
        if it.sets_aside {
            self.remember(|recorded| recorded.set_aside.extend(it.event));
        }
        let (is_different, _) = self.execute(self.scope.device_of(tab), act);
        if is_different {
            self.tell_peers(tab, it.heard);
        }
        true
    }

    fn remove(&mut self, tab: u8, act: Id) {
        let heard = self.lore.acts.get(act).heard;
        let (is_different, _) = self.execute(self.scope.device_of(tab), act);
        if is_different {
            self.tell_peers(tab, heard);
        }
    }

    pub(super) fn tell_peers(&mut self, tab: u8, heard: Option<Id>) {
        for peer in self.scope.peers(tab) {
            let peer = &mut self.world.tabs[usize::from(peer)];
            if peer.client.is_some() {
                peer.stored.extend(heard);
            }
        }
    }

    /// The oracle takes note of something, if that is new.
    pub(super) fn remember(&mut self, note: impl FnOnce(&mut crate::oracle::Recorded)) {
        let mut recorded =
            crate::oracle::Recorded::clone(&self.lore.recorded.get(self.world.recorded));
        note(&mut recorded);
        self.world.recorded = self.lore.recorded.intern(recorded);
    }

    /// A screen has called something saved. That matters only where storage can lose it.
    fn note_saved(&mut self, tab: u8) {
        if !matches!(self.scope.fault, Fault::Browser | Fault::Refuse) {
            return;
        }
        let Some(mind) = self.world.tabs[usize::from(tab)].client else { return };
        let mind = self.lore.minds.get(mind);
        let recorded = self.lore.recorded.get(self.world.recorded);
        if mind.saved.iter().any(|id| !recorded.saved.contains(id)) {
            self.remember(|recorded| recorded.saved.extend(&mind.saved));
        }
    }
}
