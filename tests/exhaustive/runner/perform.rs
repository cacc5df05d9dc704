//! Feeds inputs to clients and performs their operations.

use std::rc::Rc;

use wizitime::app::RefusedWrites;
use wizitime::app::input::Input;
use wizitime_testkit::{History, Profile};

use super::Runner;
use crate::fault::Fault;
use crate::interner::Operation;
use crate::table::Id;
use crate::world::{BrowserMessage, Conn, Request};

impl Runner<'_> {
    pub(super) fn feed_new(&mut self, tab: u8, input: Input) {
        let input = self.interner.inputs.intern(input);
        self.feed(tab, input);
    }

    pub(super) fn feed(&mut self, tab: u8, input: Id) {
        let time = self.time();
        let Some(client) = self.world.tabs[usize::from(tab)].client else { return };
        let handled = self.interner.handle(client, input, usize::from(tab), time);
        self.world.tabs[usize::from(tab)].client = Some(handled.client);
        self.perform(tab, &handled.operations);
        // A tab that was killed on the way has shown nothing.
        if self.killed.is_none() {
            self.note_saved(tab);
        }
    }

    /// Performs operations in their order. The replies of localStorage are handled before anything
    /// else, as in a browser.
    pub(super) fn perform(&mut self, tab: u8, operations: &[Operation]) {
        let mut refused = RefusedWrites::default();
        let mut is_written = true;
        let mut reads = 0;
        for operation in operations {
            if self.injected.kill_after == Some(self.operations) {
                self.killed = Some(tab);
            }
            if self.killed.is_some() {
                return;
            }
            self.operations += 1;
            match *operation {
                Operation::Write(change) => is_written = self.write(tab, change, &mut refused),
                Operation::Remove(change) => self.change_storage(tab, change),
                Operation::CompleteMove(change) if is_written => self.change_storage(tab, change),
                Operation::CompleteMove(_) => (),
                Operation::ReadStorage => reads += 1,
                Operation::Request(change) => {
                    let device = self.scope.device_of(tab);
                    let requests = &mut self.world.devices[usize::from(device)].requests;
                    requests.push(Request { tab, change });
                }
                Operation::Connect { conn: id } => {
                    let (up, down) = (Vec::new(), Vec::new());
                    let conn = Conn { id, opening: true, session: None, up, down };
                    self.world.tabs[usize::from(tab)].conn = Some(conn);
                }
                Operation::Send { conn, frame } => {
                    let open = &mut self.world.tabs[usize::from(tab)].conn;
                    if let Some(open) = open.as_mut().filter(|it| it.id == conn)
                        && open.session.is_some()
                    {
                        open.up.push(frame);
                    }
                }
                Operation::Close { conn } => {
                    self.world.tabs[usize::from(tab)].conn.take_if(|it| it.id == conn);
                }
                Operation::Post(input) => {
                    for peer in self.scope.peers(tab) {
                        let peer = &mut self.world.tabs[usize::from(peer)];
                        if peer.client.is_some() {
                            peer.messages.push(BrowserMessage::Input(input));
                        }
                    }
                }
                Operation::TakeLock => self.take_lock(tab),
                Operation::Http(reply) => {
                    let messages = &mut self.world.tabs[usize::from(tab)].messages;
                    messages.push(BrowserMessage::Input(reply));
                }
            }
        }
        if let Some(input) = refused.into_input() {
            self.feed_new(tab, input);
        }
        for _ in 0..reads {
            let stored = self.profile_of(tab).stored();
            self.feed_new(tab, Input::StorageRead { stored });
        }
    }

    fn take_lock(&mut self, tab: u8) {
        let input = self.interner.inputs.intern(Input::LostLeadership);
        let device = self.scope.device_of(tab);
        let leader = self.world.devices[usize::from(device)].leader.replace(tab);
        if let Some(other) = leader.filter(|it| *it != tab) {
            self.world.tabs[usize::from(other)].messages.push(BrowserMessage::Input(input));
        }
        self.world.tabs[usize::from(tab)].messages.push(BrowserMessage::Lock);
    }

    pub(super) fn profile_of(&self, tab: u8) -> Rc<Profile> {
        let device = self.scope.device_of(tab);
        self.interner.profiles.get(self.world.devices[usize::from(device)].profile)
    }

    /// Applies a change to the profile of a device. Returns whether localStorage is different, and
    /// the reply to the tab.
    pub(super) fn apply(&mut self, device: u8, change: Id) -> (bool, Option<Id>) {
        // Unflushed changes are tracked only while a crash can happen.
        let is_tracked = self.scope.fault == Fault::Browser && !self.world.has_faulted;
        let profile = &mut self.world.devices[usize::from(device)].profile;
        let changed = self.interner.apply(*profile, change, is_tracked);
        *profile = changed.profile;
        (changed.is_different, changed.reply)
    }

    /// IndexedDB executes the next request of a device.
    pub(super) fn execute_request(&mut self, device: u8) {
        let Some(next) = self.world.next_request(device) else { return };
        let request = self.world.devices[usize::from(device)].requests.remove(next);
        let (_, reply) = self.apply(device, request.change);
        if let Some(input) = reply {
            self.feed(request.tab, input);
        }
    }

    /// Returns whether localStorage took the value.
    fn write(&mut self, tab: u8, change: Id, refused: &mut RefusedWrites) -> bool {
        let info = self.interner.changes.get(change);
        let Some(key) = info.key() else { return true };
        if let Some(envelope) = &info.buffered
            && !self.interner.histories.get(self.world.history).events.contains_key(&envelope.id)
        {
            let mut seen = std::mem::take(&mut self.seen);
            self.note(|history| history.accept(envelope.clone(), &mut seen));
            self.seen = seen;
        }
        let number = self.writes;
        self.writes += 1;
        if refused.is_blocked(key) || self.injected.refused == Some(number) {
            self.note(|history| history.refused.extend(info.event));
            refused.add(key.to_owned());
            return false;
        }
        if info.is_quarantine {
            self.note(|history| history.quarantined.extend(info.event));
        }
        self.change_storage(tab, change);
        true
    }

    fn change_storage(&mut self, tab: u8, change: Id) {
        let input = self.interner.changes.get(change).peer_input;
        let (is_different, _) = self.apply(self.scope.device_of(tab), change);
        for peer in self.scope.peers(tab) {
            let peer = &mut self.world.tabs[usize::from(peer)];
            if is_different && peer.client.is_some() {
                peer.stored.extend(input);
            }
        }
    }

    /// Changes the history.
    fn note(&mut self, note: impl FnOnce(&mut History)) {
        let mut history = History::clone(&self.interner.histories.get(self.world.history));
        note(&mut history);
        self.world.history = self.interner.histories.intern(history);
    }

    /// A screen has shown events as saved. That matters only where storage can lose them.
    fn note_saved(&mut self, tab: u8) {
        if !matches!(self.scope.fault, Fault::Browser | Fault::Refuse) {
            return;
        }
        let Some(client) = self.world.tabs[usize::from(tab)].client else { return };
        let client = self.interner.clients.get(client);
        let history = self.interner.histories.get(self.world.history);
        if client.saved.iter().any(|id| !history.saved.contains(id)) {
            self.note(|history| history.saved.extend(&client.saved));
        }
    }
}
