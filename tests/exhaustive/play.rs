//! Lets things happen in a world.

mod perform;
mod strike;

use wizitime::app::input::{EmbedConfig, Input, StartupData};
use wizitime::features::Intent;
use wizitime_domain::{DeviceId, EventId, FixedOffset, WriterId, Zone};

use crate::action::{Action, Move};
use crate::fault::Fault;
use crate::judge;
use crate::lore::{Lore, Time, ids};
use crate::script::Wish;
use crate::table::Id;
use crate::world::{Conn, Down, Told, World};

/// Timers ring at multiples of this, as they may in a browser: then those that are due at nearly
/// the same time ring in any order.
const TIMER_STEP_MS: u64 = 100;

/// What is explored: how many tabs a device has, what the person does, what goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) devices: u8,
    pub(crate) tabs_per_device: u8,
    pub(crate) script: Vec<Wish>,
    pub(crate) fault: Fault,
    /// The device that it hits, if it hits one.
    pub(crate) target: u8,
}

impl Scope {
    /// What it is called.
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

/// What goes wrong with the next things that tabs do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mishap {
    /// The tab dies when it has done so many.
    dies_after: Option<u8>,
    /// This value does not fit into localStorage.
    refused: Option<u8>,
}

/// One world while something happens in it.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    pub(crate) lore: &'a mut Lore,
    pub(crate) scope: &'a Scope,
    pub(crate) world: World,
    mishap: Mishap,
    /// How many things tabs have done, and how many values they wrote.
    pub(crate) steps: u8,
    pub(crate) stores: u8,
    /// The tab that died of the mishap.
    died: Option<u8>,
    /// What waited in the tab in which the person acts.
    seen: Vec<EventId>,
}

impl<'a> Play<'a> {
    pub(crate) fn new(lore: &'a mut Lore, scope: &'a Scope, world: World) -> Self {
        let mishap = Mishap::default();
        Self { lore, scope, world, mishap, steps: 0, stores: 0, died: None, seen: Vec::new() }
    }

    /// Lets it happen; the error says what promise was broken.
    pub(crate) fn happen(&mut self, action: Action) -> Result<(), String> {
        let before = (self.world.server, self.world.recorded);
        let disks: Vec<Id> = self.world.devices.iter().map(|it| it.disk).collect();
        match action {
            Action::Move(it) => self.go(it),
            Action::Strike(it) => {
                self.world.struck = true;
                self.strike(it);
            }
        }
        let is_same = before == (self.world.server, self.world.recorded)
            && self.world.devices.iter().map(|it| it.disk).eq(disks);
        if !is_same {
            judge::storage_and_log(self.lore, self.scope, &self.world)?;
        }
        judge::minds(self.lore, &self.world)
    }

    pub(super) fn go(&mut self, it: Move) {
        match it {
            Move::Connect(tab) => self.connected(tab),
            Move::Serve(tab) => self.serve(tab, true),
            Move::Hear(tab) => self.hear(tab),
            Move::Stored(tab) => {
                let input = self.world.tabs[usize::from(tab)].stored.remove(0);
                self.feed(tab, input);
            }
            Move::Told(tab) => match self.world.tabs[usize::from(tab)].told.remove(0) {
                Told::Input(input) => self.feed(tab, input),
                Told::Lock => {
                    let stored = self.disk_of(tab).stored();
                    self.feed_new(tab, Input::BecameLeader { stored });
                }
            },
            Move::Disk(device) => self.disk(device),
            Move::Wake(tab) => self.feed_new(tab, Input::TimerFired),
            Move::Act(tab) => self.act(tab),
            Move::Open(tab) => self.open(tab),
            Move::Thaw(tab) => self.world.tabs[usize::from(tab)].frozen = false,
            Move::Pass => {
                if let Some(due_ms) = self.world.next_due_ms(self.lore) {
                    let rings_ms = due_ms.next_multiple_of(TIMER_STEP_MS);
                    self.world.now_ms = self.world.now_ms.max(rings_ms);
                }
            }
        }
    }

    pub(super) fn time(&self) -> Time {
        Time { now_ms: self.world.now_ms, acted: self.world.acted }
    }

    /// What the person would do in this tab, if it makes sense there.
    pub(crate) fn intent(&self, tab: u8) -> Option<Intent> {
        let acted = usize::from(self.world.acted);
        let wish = self.scope.script.get(acted)?;
        let mind = self.world.tabs[usize::from(tab)].client?;
        wish.intent(&self.lore.minds.get(mind).client, acted + 1)
    }

    fn act(&mut self, tab: u8) {
        let Some(intent) = self.intent(tab) else { return };
        if let Some(mind) = self.world.tabs[usize::from(tab)].client {
            let mind = self.lore.minds.get(mind);
            let waiting = mind.client.state().events.waiting();
            self.seen = waiting.map(|it| it.envelope.id).collect();
        }
        self.world.acted += 1;
        self.feed_new(tab, Input::User(intent));
        self.seen.clear();
    }

    /// Opens a tab on what its device's disk holds.
    pub(crate) fn open(&mut self, tab: u8) {
        let it = &mut self.world.tabs[usize::from(tab)];
        it.life += 1;
        let life = it.life;
        let device = self.scope.device_of(tab);
        let disk = self.world.devices[usize::from(device)].disk;
        let stored = self.lore.disks.get(disk).stored();
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
        let outcome = self.lore.outcome(client, effects);
        self.world.tabs[usize::from(tab)].client = Some(outcome.mind);
        self.perform(tab, &outcome.steps);
        self.pass_the_lock(device);
    }

    /// The lock of the sending tab goes to one that is open.
    pub(super) fn pass_the_lock(&mut self, device: u8) {
        if self.world.devices[usize::from(device)].sender.is_some() {
            return;
        }
        let mut tabs = self.scope.tabs_of(device);
        let heir = tabs.find(|tab| self.world.tabs[usize::from(*tab)].client.is_some());
        self.world.devices[usize::from(device)].sender = heir;
        if let Some(tab) = heir {
            self.world.tabs[usize::from(tab)].told.push(Told::Lock);
        }
    }

    fn connected(&mut self, tab: u8) {
        let session = self.lore.welcome();
        let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn else { return };
        conn.opening = false;
        conn.session = Some(session);
        let conn = wizitime_protocol::phoenix::ConnId(conn.id);
        self.feed_new(tab, Input::SocketOpened { conn });
    }

    fn hear(&mut self, tab: u8) {
        let it = &mut self.world.tabs[usize::from(tab)];
        let Some(open) = &mut it.conn else { return };
        let conn = wizitime_protocol::phoenix::ConnId(open.id);
        match open.down.remove(0) {
            Down::Frame(frame) => {
                let text = String::clone(&self.lore.frames.get(frame));
                self.feed_new(tab, Input::FrameReceived { conn, text });
            }
            Down::Closed => {
                it.conn = None;
                self.feed_new(tab, Input::SocketClosed { conn, code: Some(1006) });
            }
        }
    }

    /// The server handles a tab's next frame. `loud`: what it tells the others reaches them.
    pub(super) fn serve(&mut self, tab: u8, loud: bool) {
        let time = self.time();
        let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn else { return };
        let Some(session) = conn.session else { return };
        let frame = conn.up.remove(0);
        let served = self.lore.serve(session, frame, self.world.server, time);
        self.world.server = served.server;
        conn.session = Some(served.session);
        conn.down.extend(served.replies.iter().map(|frame| Down::Frame(*frame)));
        for (other, it) in self.world.tabs.iter_mut().enumerate() {
            let Some(Conn { session: Some(session), down, .. }) = &mut it.conn else { continue };
            if other != usize::from(tab) && loud {
                let told = served.news.iter().filter_map(|news| self.lore.tell(*session, *news));
                down.extend(told.map(Down::Frame));
            }
        }
        if served.closed {
            self.cut(tab, true);
        }
    }

    /// A tab's connection breaks; the tab hears of it, or not.
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

    /// Ends a tab's life. What it asked of IndexedDB and was not done will not be done.
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
        if profile.sender == Some(tab) {
            profile.sender = None;
        }
        self.pass_the_lock(device);
    }
}
