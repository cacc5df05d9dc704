//! What goes wrong.

use wizitime::sync::StorageKey;
use wizitime::sync::record::{BufferedEvent, Owner};
use wizitime_domain::{DeviceId, EntryId, Envelope, Event, EventId, StopClock, WriterId, Zone};

use super::{Mishap, Play};
use crate::action::{Move, Strike};
use crate::disk::{Deed, Disk};
use crate::judge;
use crate::table::Id;

impl Play<'_> {
    pub(super) fn strike(&mut self, strike: Strike) {
        match strike {
            Strike::LoseUp(tab) => {
                self.conn(tab, |conn| {
                    conn.up.remove(0);
                });
            }
            Strike::LoseDown(tab) => self.conn(tab, |conn| {
                conn.down.remove(0);
            }),
            Strike::DoubleUp(tab) => self.conn(tab, |conn| conn.up.insert(0, conn.up[0])),
            Strike::DoubleDown(tab) => self.conn(tab, |conn| conn.down.insert(0, conn.down[0])),
            Strike::Cut(tab) => self.cut(tab, true),
            Strike::Silence(tab) => self.cut(tab, false),
            Strike::Deaf(tab) => self.serve(tab, false),
            Strike::CrashBefore(_) => self.crash_server(),
            Strike::CrashAfter(tab) => {
                self.serve(tab, false);
                self.crash_server();
            }
            Strike::Kill(tab) => {
                self.kill(tab);
                self.forget_refused();
            }
            Strike::KillWithin(at, steps) => {
                self.suffer(at, Mishap { dies_after: Some(steps), refused: None });
                if let Some(tab) = self.died {
                    self.kill(tab);
                }
                self.forget_refused();
            }
            Strike::Browser { device, kept } => self.kill_browser(device, kept),
            Strike::BrowserWithin { at, steps, kept } => {
                // What it does until then can still be taken back.
                self.world.struck = false;
                self.suffer(at, Mishap { dies_after: Some(steps), refused: None });
                self.world.struck = true;
                if let Some(tab) = self.died {
                    self.kill_browser(self.scope.device_of(tab), kept);
                }
            }
            Strike::Refuse(at, number) => {
                self.suffer(at, Mishap { dies_after: None, refused: Some(number) });
            }
            Strike::Freeze(tab) => self.world.tabs[usize::from(tab)].frozen = true,
            Strike::Poison(device) => self.poison(device),
        }
    }

    fn conn(&mut self, tab: u8, change: impl FnOnce(&mut crate::world::Conn)) {
        if let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn {
            change(conn);
        }
    }

    fn suffer(&mut self, at: Move, mishap: Mishap) {
        self.mishap = mishap;
        self.go(at);
        self.mishap = Mishap::default();
    }

    /// Whoever is connected hears that the server is gone. It is there again at once.
    fn crash_server(&mut self) {
        for tab in 0..self.scope.tabs() {
            let is_open =
                self.world.tabs[usize::from(tab)].conn.as_ref().is_some_and(|it| !it.opening);
            if is_open {
                self.cut(tab, true);
            }
        }
    }

    fn kill_browser(&mut self, device: u8, kept: u8) {
        let first = device * self.scope.tabs_per_device;
        for tab in first..first + self.scope.tabs_per_device {
            self.kill(tab);
        }
        let id = self.world.devices[usize::from(device)].disk;
        let mut disk = Disk::clone(&self.lore.disks.get(id));
        disk.crash(usize::from(kept));
        self.set_disk(device, disk);
        for other in (0..self.scope.devices).filter(|it| *it != device) {
            let mut disk =
                Disk::clone(&self.lore.disks.get(self.world.devices[usize::from(other)].disk));
            disk.unflushed.clear();
            self.set_disk(other, disk);
        }
        let devices = judge::devices(self.lore, self.scope, &self.world, false);
        let server = self.lore.servers.get(self.world.server);
        let user_id = self.lore.user_id;
        self.remember(|recorded| recorded.forget_unsaved(&devices, &server.log, user_id));
    }

    fn set_disk(&mut self, device: u8, disk: Disk) {
        self.world.devices[usize::from(device)].disk = self.lore.disks.intern(disk);
    }

    fn forget_refused(&mut self) {
        let devices = judge::devices(self.lore, self.scope, &self.world, true);
        let server = self.lore.servers.get(self.world.server);
        let user_id = self.lore.user_id;
        self.remember(|recorded| recorded.forget_refused(&devices, &server.log, user_id));
    }

    /// What tabs would do because of this: how many things, and how many values they would write.
    pub(crate) fn rehearse(&mut self, at: Move) -> (u8, u8) {
        let world = self.world.clone();
        let mut play = Play::new(self.lore, self.scope, world);
        play.go(at);
        (play.steps, play.stores)
    }

    /// How many changes of localStorage a crash could take from a device.
    pub(crate) fn unflushed(&self, device: u8) -> u8 {
        let disk = self.lore.disks.get(self.world.devices[usize::from(device)].disk);
        u8::try_from(disk.unflushed.len()).unwrap_or(u8::MAX)
    }

    /// A tab that is gone by now has written down a stop of what never was.
    fn poison(&mut self, device: u8) {
        let at = self.time().now().wall;
        let time_entry_id = EntryId::from_bytes([99; 16]);
        let envelope = Envelope {
            id: EventId::from_bytes([98; 16]),
            device_id: DeviceId::from_bytes([device + 1; 16]),
            writer_id: WriterId::from_bytes([97; 16]),
            seq: 1,
            at,
            recorded_at: at,
            zone: Zone::utc(),
            event: Event::StopClock(StopClock { time_entry_id, stopped_at: at }),
        };
        let json = envelope.to_json();
        let owner = Owner::User(self.lore.user_id);
        let record = BufferedEvent { envelope, json: json.clone(), owner };
        let (key, value) = (StorageKey::event(&record).write(), json.to_string());
        let act = self.lore.act(Deed::Store { key, value });
        let disk = &mut self.world.devices[usize::from(device)].disk;
        *disk = self.lore.execute(*disk, act, false).disk;
        let heard: Option<Id> = self.lore.acts.get(act).heard;
        let first = device * self.scope.tabs_per_device;
        for tab in first..first + self.scope.tabs_per_device {
            self.world.tabs[usize::from(tab)].stored.extend(heard);
        }
    }
}
