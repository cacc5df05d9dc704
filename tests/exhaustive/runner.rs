//! Performs transitions of a world.

mod faults;
mod perform;

use wizitime::app::input::{EmbedConfig, Input, StartupData};
use wizitime::features::Intent;
use wizitime_domain::{DeviceId, EventId, FixedOffset, WriterId, Zone};

use crate::checks;
use crate::fault::Fault;
use crate::interner::{Interner, Time, ids};
use crate::table::Id;
use crate::transition::{NormalStep, Transition};
use crate::user_script::UserAction;
use crate::world::{BrowserMessage, Conn, Down, World};

/// Timers fire at multiples of this, as they may in a browser: then those that are due at nearly
/// the same time fire in any order.
const TIMER_STEP_MS: u64 = 100;

/// What is explored: devices, tabs, the script of the user, the fault.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) devices: u8,
    pub(crate) tabs_per_device: u8,
    pub(crate) script: Vec<UserAction>,
    pub(crate) fault: Fault,
    /// The device that the fault hits, if it hits one.
    pub(crate) target: u8,
}

impl Scope {
    /// The name of the scope.
    pub(crate) fn name(&self) -> String {
        let Self { devices, tabs_per_device, script, fault, target } = self;
        let fault = fault.name();
        format!("{devices} devices × {tabs_per_device} tabs, {script:?}, {fault} on {target}")
    }

    pub(crate) const fn tabs(&self) -> u8 {
        self.devices * self.tabs_per_device
    }

    pub(crate) const fn device_of(&self, tab: u8) -> u8 {
        tab / self.tabs_per_device
    }

    pub(crate) const fn tabs_of(&self, device: u8) -> std::ops::Range<u8> {
        device * self.tabs_per_device..(device + 1) * self.tabs_per_device
    }

    /// The other tabs of the same profile.
    pub(crate) fn peers(&self, tab: u8) -> impl Iterator<Item = u8> + use<> {
        self.tabs_of(self.device_of(tab)).filter(move |it| *it != tab)
    }
}

/// A fault within the operations of a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InjectedFault {
    /// The tab is killed after so many operations.
    kill_after: Option<u8>,
    /// localStorage refuses the value with this number.
    refused: Option<u8>,
}

/// A world during a transition.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    pub(crate) interner: &'a mut Interner,
    pub(crate) scope: &'a Scope,
    pub(crate) world: World,
    injected: InjectedFault,
    /// How many operations were performed, and how many values were written.
    pub(crate) operations: u8,
    pub(crate) writes: u8,
    /// The tab that was killed by the injected fault.
    killed: Option<u8>,
    /// The events that waited in the tab in which the user acts.
    seen: Vec<EventId>,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(interner: &'a mut Interner, scope: &'a Scope, world: World) -> Self {
        let injected = InjectedFault::default();
        Self {
            interner,
            scope,
            world,
            injected,
            operations: 0,
            writes: 0,
            killed: None,
            seen: Vec::new(),
        }
    }

    /// Performs a transition. The error names the invariant that was violated.
    pub(crate) fn perform_transition(&mut self, action: Transition) -> Result<(), String> {
        let before = (self.world.server, self.world.history);
        let profiles: Vec<Id> = self.world.devices.iter().map(|it| it.profile).collect();
        match action {
            Transition::Normal(it) => self.step(it),
            Transition::Fault(it) => {
                self.world.has_faulted = true;
                self.fault(it);
            }
        }
        let is_same = before == (self.world.server, self.world.history)
            && self.world.devices.iter().map(|it| it.profile).eq(profiles);
        if !is_same {
            checks::check_stores(self.interner, self.scope, &self.world)?;
        }
        checks::check_clients(self.interner, &self.world)
    }

    pub(super) fn step(&mut self, it: NormalStep) {
        match it {
            NormalStep::Connect(tab) => self.connected(tab),
            NormalStep::Serve(tab) => self.serve(tab, true),
            NormalStep::Receive(tab) => self.receive(tab),
            NormalStep::Stored(tab) => {
                let input = self.world.tabs[usize::from(tab)].stored.remove(0);
                self.feed(tab, input);
            }
            NormalStep::BrowserMessage(tab) => {
                match self.world.tabs[usize::from(tab)].messages.remove(0) {
                    BrowserMessage::Input(input) => self.feed(tab, input),
                    BrowserMessage::Lock => {
                        let stored = self.profile_of(tab).stored();
                        self.feed_new(tab, Input::BecameLeader { stored });
                    }
                }
            }
            NormalStep::Database(device) => self.execute_request(device),
            NormalStep::Wake(tab) => self.feed_new(tab, Input::TimerFired),
            NormalStep::Act(tab) => self.act(tab),
            NormalStep::Open(tab) => self.open(tab),
            NormalStep::Thaw(tab) => self.world.tabs[usize::from(tab)].frozen = false,
            NormalStep::Pass => {
                if let Some(due_ms) = self.world.next_due_ms(self.interner) {
                    let fires_ms = due_ms.next_multiple_of(TIMER_STEP_MS);
                    self.world.now_ms = self.world.now_ms.max(fires_ms);
                }
            }
        }
    }

    pub(super) fn time(&self) -> Time {
        Time { now_ms: self.world.now_ms, acted: self.world.acted }
    }

    /// The next action of the script in this tab, if it is possible there.
    pub(crate) fn intent(&self, tab: u8) -> Option<Intent> {
        let acted = usize::from(self.world.acted);
        let action = self.scope.script.get(acted)?;
        let client_id = self.world.tabs[usize::from(tab)].client?;
        action.intent(&self.interner.clients.get(client_id).core, acted + 1)
    }

    fn act(&mut self, tab: u8) {
        let Some(intent) = self.intent(tab) else { return };
        if let Some(client_id) = self.world.tabs[usize::from(tab)].client {
            let client_id = self.interner.clients.get(client_id);
            let waiting = client_id.core.state().events.waiting();
            self.seen = waiting.map(|it| it.envelope.id).collect();
        }
        self.world.acted += 1;
        self.feed_new(tab, Input::User(intent));
        self.seen.clear();
    }

    /// Opens a tab on the stores of its profile.
    pub(crate) fn open(&mut self, tab: u8) {
        let it = &mut self.world.tabs[usize::from(tab)];
        it.life += 1;
        let life = it.life;
        let device = self.scope.device_of(tab);
        let profile = self.world.devices[usize::from(device)].profile;
        let stored = self.interner.profiles.get(profile).stored();
        let time = self.time();
        let mut source = ids(usize::from(tab), 1_000 + u64::from(life));
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes([device + 1; 16]),
            writer_id: WriterId::from_bytes(source.uuid_v7(time.now().wall)),
            zone: Zone::utc(),
            embed: EmbedConfig::default(),
            stored,
        };
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = wizitime::app::Core::start(startup, source, zone, time.now());
        let handled = self.interner.intern(client, effects);
        self.world.tabs[usize::from(tab)].client = Some(handled.client);
        self.perform(tab, &handled.operations);
        self.grant_lock(device);
    }

    /// Gives the leader lock to an open tab, if no tab holds it.
    pub(super) fn grant_lock(&mut self, device: u8) {
        if self.world.devices[usize::from(device)].leader.is_some() {
            return;
        }
        let mut tabs = self.scope.tabs_of(device);
        let first = tabs.find(|tab| self.world.tabs[usize::from(*tab)].client.is_some());
        self.world.devices[usize::from(device)].leader = first;
        if let Some(tab) = first {
            self.world.tabs[usize::from(tab)].messages.push(BrowserMessage::Lock);
        }
    }

    fn connected(&mut self, tab: u8) {
        let session = self.interner.accept();
        let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn else { return };
        conn.opening = false;
        conn.session = Some(session);
        let conn = wizitime_protocol::phoenix::ConnId(conn.id);
        self.feed_new(tab, Input::SocketOpened { conn });
    }

    fn receive(&mut self, tab: u8) {
        let it = &mut self.world.tabs[usize::from(tab)];
        let Some(open) = &mut it.conn else { return };
        let conn = wizitime_protocol::phoenix::ConnId(open.id);
        match open.down.remove(0) {
            Down::Frame(frame) => {
                let text = String::clone(&self.interner.frames.get(frame));
                self.feed_new(tab, Input::FrameReceived { conn, text });
            }
            Down::Closed => {
                it.conn = None;
                self.feed_new(tab, Input::SocketClosed { conn, code: Some(1006) });
            }
        }
    }

    /// The server handles the next frame of a tab. `is_broadcast`: its broadcasts arrive.
    pub(super) fn serve(&mut self, tab: u8, is_broadcast: bool) {
        let time = self.time();
        let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn else { return };
        let Some(session) = conn.session else { return };
        let frame = conn.up.remove(0);
        let served = self.interner.serve(session, frame, self.world.server, time);
        self.world.server = served.server;
        conn.session = Some(served.session);
        conn.down.extend(served.replies.iter().map(|frame| Down::Frame(*frame)));
        for (other, it) in self.world.tabs.iter_mut().enumerate() {
            let Some(Conn { session: Some(session), down, .. }) = &mut it.conn else { continue };
            if other != usize::from(tab) && is_broadcast {
                let messages = served
                    .broadcasts
                    .iter()
                    .filter_map(|broadcast| self.interner.deliver(*session, *broadcast));
                down.extend(messages.map(Down::Frame));
            }
        }
        if served.is_closed {
            self.cut(tab, true);
        }
    }

    /// A tab's connection breaks; the tab is notified, or not.
    pub(super) fn cut(&mut self, tab: u8, is_noticed: bool) {
        let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn else { return };
        conn.session = None;
        conn.opening = false;
        conn.up.clear();
        conn.down.clear();
        if is_noticed {
            conn.down.push(Down::Closed);
        }
    }

    /// Ends a tab's life. Its requests to IndexedDB that were not executed are lost.
    pub(super) fn kill(&mut self, tab: u8) {
        let device = self.scope.device_of(tab);
        let it = &mut self.world.tabs[usize::from(tab)];
        if it.client.take().is_none() {
            return;
        }
        let life = it.life;
        *it = crate::world::Tab { life, ..Default::default() };
        let profile = &mut self.world.devices[usize::from(device)];
        profile.requests.retain(|request| request.tab != tab);
        if profile.leader == Some(tab) {
            profile.leader = None;
        }
        self.grant_lock(device);
    }
}
