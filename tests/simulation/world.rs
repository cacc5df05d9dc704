//! The world: one queue of what is to come, one clock, one thread.

mod deliver;
mod mischief;
mod perform;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use wizitime::Client;
use wizitime::effect::MirrorWrite;
use wizitime::input::{Boot, CacheSnapshot, Hosting, Input, Now};
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;
use wizitime_domain::{
    DeviceId, DurationMs, Envelope, EpochId, EventId, FixedOffset, IdSource, Timestamp, UserId,
    WriterId, Zone,
};
use wizitime_hub::{Job, JobResult};
use wizitime_protocol::messages::{LatestRequest, PAGE_ENTITIES_MAX, user_topic};
use wizitime_protocol::phoenix::{ConnId, Mono};

use crate::device::{Device, Tab};
use crate::faults::{Fault, Faults, strikes};
use crate::oracle::{self, Recorded};
use crate::server::Server;
use crate::trace::Trace;
use mischief::Mischief;

/// The virtual day on which every run begins: 2026-01-05T08:00:00Z.
const BEGIN_MS: i64 = 1_767_600_000_000;
/// How long people work and things go wrong.
const TROUBLE_MS: u64 = 20 * 60_000;
/// The last minute brings no new ones: who was signed out by then has noticed when the faults end.
const MISCHIEF_MS_MAX: u64 = TROUBLE_MS - 60_000;
/// How long the world may take to become quiet once the faults end (P8): reconnecting, rejoining
/// and the longest backoff, a few times over.
const QUIET_MS_MAX: u64 = 5 * 60_000;
/// Longer than any run.
pub(crate) const FOR_GOOD_MS: u64 = 1 << 40;
/// The longest that a tab is frozen and goes on.
const FREEZE_MS_MAX: u64 = 5 * 60_000;
/// What localStorage was given is on disk after this, at the latest.
const FLUSH_MS_MAX: u64 = 60_000;
/// More happenings than any run needs: something goes round in circles.
const HAPPENINGS_MAX: u64 = 400_000;

/// Which tab of which device.
pub(crate) type Place = (usize, usize);

/// Something that is to come.
#[derive(Debug)]
pub(crate) enum Happening {
    /// An input for a tab, if it still lives the same life.
    Input {
        place: Place,
        life: u64,
        input: Box<Input>,
    },
    /// A timer; only the latest asked for counts.
    Wake {
        place: Place,
        life: u64,
        at: u64,
    },
    Opened {
        place: Place,
        life: u64,
        conn: ConnId,
        link: u64,
        token: String,
    },
    ToServer {
        link: u64,
        text: String,
    },
    ToClient {
        place: Place,
        life: u64,
        conn: ConnId,
        link: u64,
        text: String,
    },
    JobDone {
        link: u64,
        job: Box<Job>,
    },
    /// A change of the mirror is on disk.
    Mirror {
        place: Place,
        life: u64,
        write: MirrorWrite,
    },
    /// The person at this device does something.
    Act {
        device: usize,
    },
    /// A tab is opened.
    Open {
        place: Place,
    },
    /// A tab is closed or killed.
    Kill {
        place: Place,
    },
    /// A tab stops for so long, and keeps its lock.
    Freeze {
        place: Place,
        for_ms: u64,
    },
    Network {
        device: usize,
        online: bool,
    },
    ServerUp,
    /// The server is backed up, and later restored from that.
    Backup,
    Restore,
    /// Something else happens to a device.
    Mischief {
        device: usize,
        what: Mischief,
    },
    /// The faults end.
    Calm,
}

/// Everything there is.
pub(crate) struct World {
    rng: IdSource,
    now_ms: u64,
    queue: BinaryHeap<Reverse<(u64, u64, Slot)>>,
    happenings: Vec<Option<Happening>>,
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Server,
    user_id: UserId,
    faults: Faults,
    calm: bool,
    last_life: u64,
    last_link: u64,
    last_token: u64,
    /// When the last frame of each link and direction arrives: frames keep their order.
    arrivals: std::collections::BTreeMap<(u64, bool), u64>,
    /// The wake that each tab asked for last.
    wakes: std::collections::BTreeMap<Place, (u64, u64)>,
    recorded: Recorded,
    /// What waited in the tab that is being fed, before it was fed.
    seen: Vec<EventId>,
    /// What the tab that is being fed recorded because of that.
    fresh: Vec<Envelope>,
    trace: Trace,
    broken: Option<String>,
}

/// Where a happening is kept; it makes the queue's order complete.
type Slot = usize;

impl World {
    /// The world of a seed.
    pub(crate) fn new(seed: u64, only: Option<&str>) -> Self {
        let mut rng = IdSource::new([seed, 1, 2, 3]);
        let begin = Timestamp::saturating_from_ms(BEGIN_MS);
        let user_id = UserId::from_bytes(rng.uuid_v7(begin));
        let epoch = EpochId::from_bytes(rng.uuid_v7(begin));
        let faults = Faults::draw(&mut rng, only);
        // With small pages a BULK_EVENT lies across several.
        let page_max =
            if rng.below(2) == 0 { PAGE_ENTITIES_MAX } else { 2 + rng.below(10) as usize };
        let mut world = Self {
            now_ms: 0,
            queue: BinaryHeap::new(),
            happenings: Vec::new(),
            devices: Vec::new(),
            server: Server::new(epoch, user_id, page_max),
            user_id,
            faults,
            calm: false,
            last_life: 0,
            last_link: 0,
            last_token: 0,
            arrivals: Default::default(),
            wakes: Default::default(),
            recorded: Recorded::default(),
            seen: Vec::new(),
            fresh: Vec::new(),
            trace: Trace::new(),
            broken: None,
            rng,
        };
        world.populate();
        world
    }

    /// Runs to the end; the hash of all that happened, or the promise that was broken.
    pub(crate) fn run(mut self) -> Result<u64, String> {
        let mut count = 0;
        while let Some(Reverse((at_ms, _, slot))) = self.queue.pop() {
            self.now_ms = at_ms;
            if self.calm && at_ms > TROUBLE_MS + QUIET_MS_MAX {
                break;
            }
            let Some(happening) = self.happenings[slot].take() else { continue };
            self.trace.mix(at_ms, slot);
            self.happen(happening);
            if let Some(broken) = self.broken.take() {
                return Err(format!("{broken} (at {} ms)", self.now_ms));
            }
            count += 1;
            if count > HAPPENINGS_MAX {
                return Err("P8: the world goes round in circles".to_owned());
            }
            if self.calm && self.is_quiet() {
                break;
            }
        }
        self.judge()?;
        Ok(self.trace.hash() ^ self.server.log.ledger(self.user_id).digest())
    }

    fn judge(&self) -> Result<(), String> {
        let (log, user_id) = (&self.server.log, self.user_id);
        oracle::nothing_is_nowhere(&self.recorded, &self.devices, log, user_id)?;
        oracle::log_is_sound(log, user_id)?;
        oracle::order_is_kept(&self.recorded, log, user_id)?;
        oracle::everything_arrived(&self.recorded, &self.devices, log, user_id)?;
        oracle::only_the_refused_is_asked_about(&self.devices, &self.server, user_id)?;
        if !self.is_quiet() {
            let why = oracle::unrest(&self.devices, log, user_id);
            return Err(format!("P8: not quiet {QUIET_MS_MAX} ms after the faults ended: {why}"));
        }
        oracle::all_show_the_same(&self.devices, log, user_id)
    }

    /// Whether there is nothing left to come.
    fn is_quiet(&self) -> bool {
        let (log, user_id) = (&self.server.log, self.user_id);
        oracle::is_quiet(&self.devices, log, user_id)
            && oracle::everything_arrived(&self.recorded, &self.devices, log, user_id).is_ok()
    }

    fn populate(&mut self) {
        let devices = 2 + self.rng.below(2) as usize;
        for device in 0..devices {
            let tabs = 1 + self.rng.below(2) as usize;
            let skew_ms = self.rng.below(240_000) as i64 - 120_000;
            self.devices.push(Device {
                tabs: (0..tabs).map(|_| None).collect(),
                skew_ms,
                online: true,
                ..Device::default()
            });
            // Some begin as guests and sign in later.
            if self.rng.below(4) > 0 {
                let account = wizitime_json::to_json(&self.account()).to_string();
                self.devices[device].local_storage.insert(StorageKey::Session.write(), account);
            }
            for tab in 0..tabs {
                let place = (device, tab);
                let after_ms = self.rng.below(2_000);
                self.schedule(after_ms, Happening::Open { place });
                for _ in 0..self.rng.below(2) {
                    let at_ms = self.rng.below(TROUBLE_MS);
                    self.schedule(at_ms, Happening::Kill { place });
                }
                if self.strikes(Fault::Freeze) {
                    let at_ms = self.rng.below(TROUBLE_MS);
                    // One tab of several may never go on; the others must do without it.
                    let for_good = tab == 0 && tabs > 1 && self.rng.below(3) == 0;
                    let for_ms = if for_good { FOR_GOOD_MS } else { self.rng.below(FREEZE_MS_MAX) };
                    self.schedule(at_ms, Happening::Freeze { place, for_ms });
                }
            }
            for _ in 0..10 + self.rng.below(25) {
                let at_ms = 2_000 + self.rng.below(TROUBLE_MS - 2_000);
                self.schedule(at_ms, Happening::Act { device });
            }
            for _ in 0..self.rng.below(4) {
                let at_ms = self.rng.below(TROUBLE_MS);
                self.schedule(at_ms, Happening::Network { device, online: false });
            }
        }
        for device in 0..devices {
            for (fault, what) in Mischief::ALL {
                if self.strikes(fault) {
                    let at_ms = self.rng.below(MISCHIEF_MS_MAX);
                    self.schedule(at_ms, Happening::Mischief { device, what });
                }
            }
        }
        if self.strikes(Fault::Restore) {
            let backup_ms = self.rng.below(TROUBLE_MS);
            let restore_ms = backup_ms + self.rng.below(TROUBLE_MS - backup_ms);
            self.schedule(backup_ms, Happening::Backup);
            self.schedule(restore_ms, Happening::Restore);
        }
        self.schedule(TROUBLE_MS, Happening::Calm);
    }

    /// The account with a token that nobody had before.
    pub(crate) fn account(&mut self) -> Account {
        self.last_token += 1;
        Account {
            user_id: self.user_id,
            email: "someone@example.org".to_owned(),
            token: format!("token {}", self.last_token),
            channel: user_topic(self.user_id),
            hosted: false,
            expired: false,
        }
    }

    /// Lets something happen `after_ms` from now.
    fn schedule(&mut self, after_ms: u64, happening: Happening) {
        let slot = self.happenings.len();
        self.happenings.push(Some(happening));
        self.queue.push(Reverse((self.now_ms + after_ms, slot as u64, slot)));
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        !self.calm && strikes(&mut self.rng, self.faults.chance(fault))
    }

    /// Both clocks of a device.
    fn now(&self, device: usize) -> Now {
        let wall_ms = BEGIN_MS + self.now_ms as i64 + self.devices[device].skew_ms;
        Now {
            wall: Timestamp::saturating_from_ms(wall_ms),
            mono: Mono::from_ms(self.now_ms + 1_000),
        }
    }

    fn server_time(&self) -> Timestamp {
        Timestamp::saturating_from_ms(BEGIN_MS)
            .saturating_add(DurationMs::from_ms(self.now_ms as i64))
    }

    /// Opens a tab on what the device's disk holds.
    fn open(&mut self, place: Place) {
        let (device, tab) = place;
        if self.devices[device].tabs[tab].is_some() {
            return;
        }
        if self.strikes(Fault::Poison) {
            self.plant_poison(device);
        }
        self.last_life += 1;
        let now = self.now(device);
        let seed = [self.rng.next_u64(), self.rng.next_u64(), self.last_life, 7];
        let boot = Boot {
            new_device_id: DeviceId::from_bytes(self.rng.uuid_v7(now.wall)),
            writer_id: WriterId::from_bytes(self.rng.uuid_v7(now.wall)),
            zone: Zone::utc(),
            hosting: Hosting::default(),
            stored: self.stored(device),
        };
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = Client::start(boot, IdSource::new(seed), zone, now);
        let life = self.last_life;
        self.trace.note(self.now_ms, || format!("{place:?} opens"));
        self.devices[device].tabs[tab] =
            Some(Tab { client, life, conn: None, checked: None, frozen_until_ms: 0 });
        self.perform(place, life, effects);
        self.pass_the_lock(device);
    }

    /// Ends a tab's life, at whatever it was doing.
    fn kill(&mut self, place: Place) {
        let (device, tab) = place;
        if let Some(dead) = self.devices[device].tabs[tab].take() {
            self.trace.note(self.now_ms, || format!("{place:?} dies"));
            if let Some((_, link)) = dead.conn {
                self.server.sessions.remove(&link);
            }
            self.wakes.remove(&place);
            if self.devices[device].sender == Some(tab) {
                self.devices[device].sender = None;
            }
            self.pass_the_lock(device);
            let (log, user_id) = (&self.server.log, self.user_id);
            self.recorded.forget_refused(&self.devices, log, user_id);
            let after_ms = self.rng.below(20_000);
            self.schedule(after_ms, Happening::Open { place });
        }
    }

    /// Kills the whole browser: what localStorage was given last is not on disk, and what the
    /// mirror was about to write never will be.
    fn crash_browser(&mut self, device: usize) {
        self.trace.note(self.now_ms, || format!("the browser of device {device} is killed"));
        for tab in 0..self.devices[device].tabs.len() {
            self.kill((device, tab));
        }
        let it = &mut self.devices[device];
        it.unflushed.retain(|(at_ms, _, _)| at_ms + FLUSH_MS_MAX > self.now_ms);
        let kept = self.rng.below(it.unflushed.len() as u64 + 1) as usize;
        for (_, key, before) in it.unflushed.drain(..).skip(kept).rev() {
            match before {
                Some(value) => it.local_storage.insert(key, value),
                None => it.local_storage.remove(&key),
            };
        }
        it.mirror_busy_until_ms = self.now_ms;
        // The screen never said that these were saved.
        let (log, user_id) = (&self.server.log, self.user_id);
        self.recorded.forget_unsaved(&self.devices, log, user_id);
    }

    /// The lock of the sending tab goes to one that is open.
    fn pass_the_lock(&mut self, device: usize) {
        if self.devices[device].sender.is_some() {
            return;
        }
        let heir = self.devices[device].tabs.iter().position(Option::is_some);
        self.devices[device].sender = heir;
        if let Some(tab) = heir {
            let stored = self.stored(device);
            self.input((device, tab), 1, Input::BecameSender { stored });
        }
    }

    fn stored(&self, device: usize) -> Vec<(String, String)> {
        let stored = &self.devices[device].local_storage;
        stored.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Lets a tab have an input a little later.
    fn input(&mut self, place: Place, after_ms: u64, input: Input) {
        if let Some(tab) = &self.devices[place.0].tabs[place.1] {
            let life = tab.life;
            self.schedule(after_ms, Happening::Input { place, life, input: Box::new(input) });
        }
    }

    fn cache(&self, device: usize, user_id: UserId) -> Option<CacheSnapshot> {
        self.devices[device].caches.get(&user_id)?.snapshot()
    }

    /// What the storage answers to a job; crashes and failures are decided before.
    fn execute(&mut self, job: Job) -> JobResult {
        let user_id = self.user_id;
        match job {
            Job::Head => JobResult::Head(self.server.log.head(user_id)),
            Job::Latest(request) => {
                let limit = request.limit.min(self.server.page_max);
                let request = LatestRequest { limit, ..request };
                JobResult::Latest(self.server.log.latest(user_id, &request))
            }
            Job::Append(batch) => {
                let result = self.server.log.append(user_id, batch);
                self.server.rejected.extend(result.as_ref().err().and_then(|error| error.id));
                if let Ok(commit) = &result {
                    let ledger = self.server.log.ledger(user_id);
                    let epoch = self.server.log.head(user_id).epoch;
                    self.server.commits.insert((epoch, commit.cursor), ledger);
                }
                JobResult::Appended(result)
            }
        }
    }
}
