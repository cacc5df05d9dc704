//! Faults.

use wizitime::store::record::{BufferedEvent, Owner};
use wizitime::sync::StorageKey;
use wizitime_domain::{DeviceId, EntryId, Envelope, Event, EventId, StopClock, WriterId, Zone};
use wizitime_testkit::{Profile, StorageOp};

use super::{InjectedFault, Runner};
use crate::checks;
use crate::interner::StoreChange;
use crate::transition::{FaultStep, NormalStep};
use crate::world::Conn;

impl Runner<'_> {
    pub(super) fn fault(&mut self, fault: FaultStep) {
        match fault {
            FaultStep::LoseUp(tab) => self.conn(tab, |conn| {
                conn.up.remove(0);
            }),
            FaultStep::LoseDown(tab) => self.conn(tab, |conn| {
                conn.down.remove(0);
            }),
            FaultStep::DoubleUp(tab) => self.conn(tab, |conn| conn.up.insert(0, conn.up[0])),
            FaultStep::DoubleDown(tab) => self.conn(tab, |conn| conn.down.insert(0, conn.down[0])),
            FaultStep::Cut(tab) => self.cut(tab, true),
            FaultStep::Silence(tab) => self.cut(tab, false),
            FaultStep::LoseBroadcasts(tab) => self.serve(tab, false),
            FaultStep::CrashBefore(_) => self.crash_server(),
            FaultStep::CrashAfter(tab) => {
                self.serve(tab, false);
                self.crash_server();
            }
            FaultStep::Kill(tab) => {
                self.kill(tab);
                self.forget_refused();
            }
            FaultStep::KillWithin(at, operations) => {
                self.inject(at, InjectedFault { kill_after: Some(operations), refused: None });
                if let Some(tab) = self.killed {
                    self.kill(tab);
                }
                self.forget_refused();
            }
            FaultStep::Browser { device, kept } => self.kill_browser(device, kept),
            FaultStep::BrowserWithin { at, operations, kept } => {
                // The crash can lose what is written until then.
                self.world.has_faulted = false;
                self.inject(at, InjectedFault { kill_after: Some(operations), refused: None });
                self.world.has_faulted = true;
                if let Some(tab) = self.killed {
                    self.kill_browser(self.scope.device_of(tab), kept);
                }
            }
            FaultStep::Refuse(at, number) => {
                self.inject(at, InjectedFault { kill_after: None, refused: Some(number) });
            }
            FaultStep::Freeze(tab) => self.world.tabs[usize::from(tab)].frozen = true,
            FaultStep::Poison(device) => self.poison(device),
        }
    }

    fn conn(&mut self, tab: u8, change: impl FnOnce(&mut Conn)) {
        if let Some(conn) = &mut self.world.tabs[usize::from(tab)].conn {
            change(conn);
        }
    }

    fn inject(&mut self, at: NormalStep, injected: InjectedFault) {
        self.injected = injected;
        self.step(at);
        self.injected = InjectedFault::default();
    }

    /// All connected tabs learn that the server is gone. It is up again at once.
    fn crash_server(&mut self) {
        for tab in 0..self.scope.tabs() {
            let conn = self.world.tabs[usize::from(tab)].conn.as_ref();
            if conn.is_some_and(|it| !it.opening) {
                self.cut(tab, true);
            }
        }
    }

    fn kill_browser(&mut self, device: u8, kept: u8) {
        for tab in self.scope.tabs_of(device) {
            self.kill(tab);
        }
        for other in 0..self.scope.devices {
            let it = &mut self.world.devices[usize::from(other)];
            let mut profile = Profile::clone(&self.interner.profiles.get(it.profile));
            if other == device {
                profile.crash(usize::from(kept));
            }
            profile.unflushed.clear();
            it.profile = self.interner.profiles.intern(profile);
        }
        let history =
            checks::observe(self.interner, self.scope, &self.world, |history, observed| {
                history.forget_unsaved(observed);
            });
        self.world.history = self.interner.histories.intern(history);
    }

    fn forget_refused(&mut self) {
        let history =
            checks::observe(self.interner, self.scope, &self.world, |history, observed| {
                history.forget_refused(observed);
            });
        self.world.history = self.interner.histories.intern(history);
    }

    /// How many operations a step has, and how many of them write a value.
    pub(crate) fn rehearse(&mut self, at: NormalStep) -> (u8, u8) {
        let world = self.world.clone();
        let mut runner = Runner::new(self.interner, self.scope, world);
        runner.step(at);
        (runner.operations, runner.writes)
    }

    /// How many changes of localStorage a crash could lose.
    pub(crate) fn unflushed(&self, device: u8) -> u8 {
        let profile = self.world.devices[usize::from(device)].profile;
        let profile = self.interner.profiles.get(profile);
        u8::try_from(profile.unflushed.len()).unwrap_or(u8::MAX)
    }

    /// A tab that is closed by now has written the stop of an entry that does not exist.
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
        let owner = Owner::User(self.interner.user_id);
        let record = BufferedEvent { envelope, json: json.clone(), owner };
        let (key, value) = (StorageKey::event(&record).write(), json.to_string());
        let change = StoreChange::Storage(StorageOp::Write { key, value });
        let change = self.interner.change(change);
        let profile = &mut self.world.devices[usize::from(device)].profile;
        *profile = self.interner.apply(*profile, change, false).profile;
        let input = self.interner.changes.get(change).peer_input;
        for tab in self.scope.tabs_of(device) {
            self.world.tabs[usize::from(tab)].stored.extend(input);
        }
    }
}
