//! What happens when its time comes: people act, tabs and servers die, the trouble ends.

use wizitime::app::Core;
use wizitime::app::Secret;
use wizitime::app::input::{EmbedConfig, Input, PageEvent, StartupData};
use wizitime::features::{AccountIntent, Intent};
use wizitime_domain::{DeviceId, FixedOffset, IdSource, WriterId, Zone};

use super::{
    EMAIL, Happening, PASSWORD, PROGRESS_MS, Place, QUIET_MS_MAX, SERVER_START_MS_MAX, Tidings,
    World,
};
use crate::device::Tab;
use crate::faults;
use crate::user;

/// From one attempt of a guest to sign in at the end to the next.
const SIGN_IN_PAUSE_MS: u64 = 1_000;

impl World {
    pub(super) fn hear(&mut self, tidings: Tidings) {
        match tidings {
            Tidings::Input { place, life, input } => self.feed(place, life, *input),
            Tidings::ServerUp { life, .. } if life == self.server.life => self.server.is_up = true,
            Tidings::ServerEnded { life }
                if life == self.server.life && self.server.is_running() =>
            {
                self.broken.push("the server ended by itself".to_owned());
            }
            // What is told of an earlier life is old.
            Tidings::ServerUp { .. } | Tidings::ServerEnded { .. } => (),
        }
    }

    /// Everything whose time has come.
    pub(super) async fn happen_due(&mut self) {
        let now_ms = self.clock.elapsed_ms();
        while let Some(first) = self.agenda.first_entry().filter(|it| it.key().0 <= now_ms) {
            let happening = first.remove();
            self.happen(happening).await;
        }
        for (device, tab) in self.places() {
            let open = self.devices[device].tabs[tab].as_mut();
            let due = open.filter(|it| it.wake_at_ms.is_some_and(|at_ms| at_ms <= now_ms));
            if let Some(open) = due {
                open.wake_at_ms = None;
                let life = open.life;
                self.feed((device, tab), life, Input::TimerFired);
            }
        }
    }

    async fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Input { place, life, input } => self.feed(place, life, *input),
            Happening::Mirror { place, life, write } => self.mirror(place, life, write),
            Happening::Act { device } if !self.is_calm => {
                self.act(device);
                self.schedule_below(faults::PAUSE_MS_MAX, Happening::Act { device });
            }
            Happening::KillTab if !self.is_calm => {
                let places = self.places();
                let place = places[self.rng.below(places.len() as u64) as usize];
                self.kill_tab(place);
                self.schedule_below(faults::TAB_KILL_MS_MAX, Happening::KillTab);
            }
            Happening::Open { place } => self.open(place),
            Happening::Offline if !self.is_calm => {
                let device = self.rng.below(self.devices.len() as u64) as usize;
                self.network(device, false);
                self.schedule_below(faults::OFFLINE_MS_MAX, Happening::Online { device });
                self.schedule_below(faults::OFFLINE_PAUSE_MS_MAX, Happening::Offline);
            }
            Happening::Online { device } if !self.devices[device].online => {
                self.network(device, true);
            }
            Happening::StartServer if !self.server.is_running() => self.start_server(),
            Happening::KillServer { life } if self.is_doomed(life) => self.kill_server().await,
            Happening::AimAtCommit { life } if self.is_doomed(life) => self.aims_at_commit = true,
            Happening::ServerDue { life } if life == self.server.life => {
                if self.server.is_running() && !self.server.is_up {
                    let text = format!("the server is not up {SERVER_START_MS_MAX} ms after start");
                    self.broken.push(text);
                }
            }
            Happening::Progress if !self.is_calm => {
                let (minute, events) = (self.clock.elapsed_ms() / PROGRESS_MS, &self.recorded);
                println!("minute {minute}: {} events so far", events.events.len());
                self.schedule(PROGRESS_MS, Happening::Progress);
            }
            Happening::Calm => self.calm_down(),
            Happening::SignIn { device } => self.sign_in(device),
            Happening::QuietDue => self.is_overdue = true,
            // The trouble is over, or it was meant for a server that is gone.
            Happening::Act { .. }
            | Happening::KillTab
            | Happening::Offline
            | Happening::Online { .. }
            | Happening::StartServer
            | Happening::KillServer { .. }
            | Happening::AimAtCommit { .. }
            | Happening::ServerDue { .. }
            | Happening::Progress => (),
        }
    }

    /// The faults end: everybody has a network, the server is up, all tabs are open. Who had a
    /// network is told nothing: what hangs has to find out by itself.
    fn calm_down(&mut self) {
        self.is_calm = true;
        self.proxy.calm_down();
        if !self.server.is_running() {
            self.start_server();
        }
        for device in 0..self.devices.len() {
            if !self.devices[device].online {
                self.network(device, true);
            }
            self.schedule(0, Happening::SignIn { device });
        }
        for place in self.places() {
            self.open(place);
        }
        self.schedule(QUIET_MS_MAX, Happening::QuietDue);
    }

    /// Guests sign in at last, however often the answer gets lost.
    fn sign_in(&mut self, device: usize) {
        let Some(open) = &self.devices[device].tabs[0] else { return };
        let session = &open.client.state().session;
        if session.account().is_some() {
            return;
        }
        if !session.signing_in {
            self.input((device, 0), 0, Input::User(sign_in()));
        }
        self.schedule(SIGN_IN_PAUSE_MS, Happening::SignIn { device });
    }

    /// The person at a device does something in one of its tabs.
    fn act(&mut self, device: usize) {
        let tab = self.rng.below(self.devices[device].tabs.len() as u64) as usize;
        let Some(open) = &self.devices[device].tabs[tab] else { return };
        let (life, session) = (open.life, &open.client.state().session);
        let is_guest = session.account().is_none() && !session.signing_in;
        let intent = if is_guest && self.rng.below(8) == 0 {
            sign_in()
        } else {
            let wall = self.clock.now(self.devices[device].skew_ms).wall;
            user::intent(&open.client, open.client.server_time(wall), &mut self.rng)
        };
        self.feed((device, tab), life, Input::User(intent));
    }

    fn network(&mut self, device: usize, online: bool) {
        self.devices[device].online = online;
        for tab in 0..self.devices[device].tabs.len() {
            let open = self.devices[device].tabs[tab].as_mut();
            if !online && let Some(link) = open.and_then(|it| it.link.take()) {
                self.counts.cuts += 1;
                let closed = Input::SocketClosed { conn: link.conn, code: Some(1006) };
                self.input((device, tab), 1, closed);
            }
            let change = if online { PageEvent::Online } else { PageEvent::Offline };
            self.input((device, tab), 1, Input::Page(change));
        }
    }

    /// Opens a tab on what the device's disk holds.
    fn open(&mut self, place: Place) {
        let (device, tab) = place;
        if self.devices[device].tabs[tab].is_some() {
            return;
        }
        self.last_life += 1;
        let now = self.clock.now(self.devices[device].skew_ms);
        let seed = [self.rng.next_u64(), self.rng.next_u64(), self.last_life, 7];
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes(self.rng.uuid_v7(now.wall)),
            writer_id: WriterId::from_bytes(self.rng.uuid_v7(now.wall)),
            zone: Zone::utc(),
            embed: EmbedConfig::default(),
            stored: self.devices[device].stored(),
        };
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = Core::start(startup, IdSource::new(seed), zone, now);
        let life = self.last_life;
        let open = Tab { client, life, link: None, wake_at_ms: None, looked_at: None };
        self.devices[device].tabs[tab] = Some(open);
        self.perform(place, life, effects);
        self.pass_the_lock(device);
    }

    /// Ends a tab's life, at whatever it was doing.
    pub(super) fn kill_tab(&mut self, place: Place) {
        let (device, tab) = place;
        if self.devices[device].tabs[tab].take().is_none() {
            return;
        }
        self.counts.tabs_killed += 1;
        if self.devices[device].sender == Some(tab) {
            self.devices[device].sender = None;
        }
        self.pass_the_lock(device);
        self.schedule_below(faults::TAB_AWAY_MS_MAX, Happening::Open { place });
    }

    /// The lock of the sending tab goes to one that is open.
    fn pass_the_lock(&mut self, device: usize) {
        let it = &mut self.devices[device];
        if it.sender.is_some() {
            return;
        }
        it.sender = it.tabs.iter().position(Option::is_some);
        if let Some(tab) = it.sender {
            let stored = it.stored();
            self.input((device, tab), 1, Input::BecameLeader { stored });
        }
    }

    fn start_server(&mut self) {
        self.server.start(self.tell.clone());
        let life = self.server.life;
        self.schedule(SERVER_START_MS_MAX, Happening::ServerDue { life });
        self.doom_server();
    }

    /// Decides how the server that was just started is going to die.
    pub(super) fn doom_server(&mut self) {
        self.aims_at_commit = false;
        let life = self.server.life;
        if self.strikes(faults::KILLED_AT_START) {
            self.schedule_below(faults::START_KILL_MS_MAX, Happening::KillServer { life });
        } else if self.strikes(faults::KILLED_AT_COMMIT) {
            self.schedule_below(faults::SERVER_LIFE_MS_MAX, Happening::AimAtCommit { life });
        } else {
            self.schedule_below(faults::SERVER_LIFE_MS_MAX, Happening::KillServer { life });
        }
    }

    /// A batch is on its way: the server may die before it came, while it is written, or before
    /// the answer is out.
    pub(super) fn strike_at_commit(&mut self) {
        if std::mem::take(&mut self.aims_at_commit) {
            let life = self.server.life;
            self.schedule_below(faults::COMMIT_KILL_MS_MAX, Happening::KillServer { life });
        }
    }

    fn is_doomed(&self, life: u64) -> bool {
        !self.is_calm && life == self.server.life
    }

    async fn kill_server(&mut self) {
        if self.server.is_running() {
            self.counts.server_kills += 1;
            self.server.kill().await;
            self.schedule_below(faults::SERVER_AWAY_MS_MAX, Happening::StartServer);
        }
    }
}

fn sign_in() -> Intent {
    Intent::Account(AccountIntent::SignIn {
        email: EMAIL.to_owned(),
        password: Secret(PASSWORD.to_owned()),
    })
}
