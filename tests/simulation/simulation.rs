//! The driver of the simulator: what a seed makes of the network, the server and the devices.

use std::collections::{BTreeMap, BTreeSet};

use wizitime::app::Input;
use wizitime::app::input::EmbedConfig;
use wizitime::store::slices::session::Account;
use wizitime_domain::{EpochId, IdSource, Timestamp, UserId};
use wizitime_hub::Job;
use wizitime_protocol::messages::PAGE_ENTITIES_MAX;
use wizitime_protocol::phoenix::ConnId;
use wizitime_testkit::{
    DatabaseRequest, Display, Driver, FOREVER_MS, FakeServer, Harness, Latency, NetworkRequest,
    Observed, Step, StorageOp, TabId, Target, account, invariants, user,
};

use crate::case::Case;
use crate::device_faults::{self, RareFault};
use crate::faults::{Fault, Faults};
use crate::trace::Trace;
use crate::{checks, database, network, plan, work};

/// The virtual time at which every run begins: 2026-01-05T08:00:00Z.
pub(crate) const BEGIN_MS: i64 = 1_767_600_000_000;
/// How long all tabs may take to become quiet once the faults end (P8): reconnecting, rejoining
/// and the longest backoff, a few times over.
const QUIET_MS_MAX: u64 = 5 * 60_000;
/// More events than any run needs: a loop.
const EVENTS_MAX: u64 = 400_000;
/// When users whose device slept until the faults ended look at it.
const SIGN_IN_AGAIN_MS: u64 = 60_000;

/// All devices of a run.
pub(crate) type World = Harness<Simulation>;

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Of the order of all events, and of the data at the end.
    pub(crate) hash: u64,
    /// How many events were recorded.
    pub(crate) events: u64,
}

/// A tab's end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) conn: ConnId,
    /// The number of the connection at the server.
    pub(crate) number: u64,
}

/// Something that is scheduled.
#[derive(Debug)]
pub(crate) enum Event {
    /// A connection reaches the server.
    Connected {
        target: Target,
        link: Link,
        token: String,
    },
    ToServer {
        link: u64,
        text: String,
    },
    ToClient {
        target: Target,
        link: Link,
        text: String,
    },
    JobDone {
        link: u64,
        job: Box<Job>,
    },
    /// The user of a device does something.
    Act {
        device: usize,
    },
    Open {
        tab: TabId,
    },
    Kill {
        tab: TabId,
    },
    /// Work on a device ends for the day: it sleeps, or its tabs are closed, until then.
    Evening {
        device: usize,
        until_ms: u64,
    },
    /// A tab is frozen for so long, and keeps its lock.
    Freeze {
        tab: TabId,
        for_ms: u64,
    },
    Network {
        device: usize,
        is_online: bool,
    },
    ServerUp,
    /// The server is backed up, and later restored from that.
    Backup,
    Restore,
    RareFault {
        device: usize,
        fault: RareFault,
    },
    /// The user signs in, if the device is signed out.
    SignIn {
        device: usize,
    },
    FaultsEnd,
}

/// What the simulator knows of a device beside its stores.
#[derive(Debug, Default)]
pub(crate) struct DeviceTraits {
    /// Whether the monotonic clock stands still while the device sleeps, as on some systems.
    pub(crate) timers_stop_asleep: bool,
    /// No tab is opened before.
    pub(crate) asleep_until_ms: u64,
    /// Whether the page that embeds the app provides the session.
    pub(crate) is_embedded: bool,
    /// The events that a newer version of the app left in the stores: the end of their keys.
    pub(crate) newer: Vec<String>,
}

/// The driver.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) rng: IdSource,
    pub(crate) faults: Faults,
    pub(crate) have_faults_ended: bool,
    /// When the faults end.
    pub(crate) faults_end_ms: u64,
    /// When many of them occur together.
    pub(crate) burst_ms: u64,
    pub(crate) server: FakeServer,
    pub(crate) user_id: UserId,
    pub(crate) devices: Vec<DeviceTraits>,
    /// Lives of tabs whose IndexedDB never replies, and whose IndexedDB refuses everything.
    pub(crate) silent: BTreeSet<u64>,
    pub(crate) blocked: BTreeSet<u64>,
    /// Whether two devices had the same profile at some time.
    pub(crate) has_copied_profile: bool,
    pub(crate) last_link: u64,
    last_token: u64,
    /// When the last frame of each connection and direction arrives: frames keep their order.
    pub(crate) arrivals: BTreeMap<(u64, bool), u64>,
    pub(crate) trace: Trace,
}

/// Runs a case. The error names the invariant that was violated.
pub(crate) fn run(case: &Case) -> Result<Summary, String> {
    let mut world = create_world(case);
    let mut count = 0;
    while let Some((at_ms, nth)) = world.step() {
        world.driver.trace.mix(at_ms, nth);
        if let Some(violation) = world.take_violation() {
            return Err(format!("{violation} (at {} ms)", world.now_ms));
        }
        count += 1;
        if count > EVENTS_MAX {
            return Err("P8: the events never end".to_owned());
        }
        let has_ended = world.driver.have_faults_ended;
        let is_late = world.now_ms > world.driver.faults_end_ms + QUIET_MS_MAX;
        if has_ended && (is_late || checks::is_quiet(&world)) {
            break;
        }
    }
    checks::check_end(&world, QUIET_MS_MAX)?;
    let Simulation { trace, server, user_id, .. } = &world.driver;
    let hash = trace.hash() ^ server.log.ledger(*user_id).digest();
    Ok(Summary { hash, events: world.history.causes.len() as u64 })
}

/// The world of a case with everything that is planned.
pub(crate) fn create_world(case: &Case) -> World {
    let mut rng = IdSource::new([case.seed, 1, 2, 3]);
    let begin = Timestamp::saturating_from_ms(BEGIN_MS);
    let user_id = UserId::from_bytes(rng.uuid_v7(begin));
    let mut server = FakeServer::new(EpochId::from_bytes(rng.uuid_v7(begin)));
    let faults = Faults::draw(&mut rng, case);
    // With small pages a batch is spread over several.
    server.page_max =
        if rng.below(2) == 0 { PAGE_ENTITIES_MAX } else { 2 + rng.below(10) as usize };
    let driver = Simulation {
        rng,
        faults,
        have_faults_ended: false,
        faults_end_ms: 0,
        burst_ms: 0,
        server,
        user_id,
        devices: Vec::new(),
        silent: BTreeSet::new(),
        blocked: BTreeSet::new(),
        has_copied_profile: false,
        last_link: 0,
        last_token: 0,
        arrivals: BTreeMap::new(),
        trace: Trace::new(case.is_traced),
    };
    let mut world = World::new(driver, begin);
    plan::populate(&mut world);
    world.leave_out(&case.left_out, |event| {
        // Without its evenings a run has work in every minute of its days.
        matches!(event, Event::Evening { .. })
    });
    let end_ms = world.driver.faults_end_ms;
    world.schedule(end_ms, Event::FaultsEnd);
    world
}

/// How many events a case has planned.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn planned(case: &Case) -> u64 {
    // All but the end of the faults.
    create_world(case).scheduled() - 1
}

impl Simulation {
    /// Whether a fault occurs on this occasion.
    pub(crate) fn occurs(&mut self, fault: Fault) -> bool {
        let chance = self.faults.chance(fault);
        !self.have_faults_ended && chance > 0 && self.rng.below(1_000) < chance
    }

    /// The account with a token that was never used before.
    pub(crate) fn new_session(&mut self) -> Account {
        self.last_token += 1;
        account(self.user_id, user::EMAIL, format!("token {}", self.last_token))
    }
}

/// What the checks look at.
pub(crate) fn observe(world: &World) -> Observed<'_> {
    Observed {
        profiles: world.profiles().collect(),
        tabs: world.running_tabs().map(|(tab, it)| (tab, &it.core)).collect(),
        log: &world.driver.server.log,
        user_id: world.driver.user_id,
    }
}

/// Opens a tab on what the device's disk holds.
pub(crate) fn open(world: &mut World, tab: TabId) {
    if world.devices[tab.device].tabs[tab.tab].is_some() {
        return;
    }
    let until_ms = world.driver.devices[tab.device].asleep_until_ms;
    if until_ms > world.now_ms {
        return world.schedule(until_ms - world.now_ms, Event::Open { tab });
    }
    if world.driver.occurs(Fault::Poison) {
        device_faults::plant_poison(world, tab.device);
    }
    // A page that embeds the app has a token that is good, whenever it is loaded.
    let embed = if world.driver.devices[tab.device].is_embedded {
        let account = world.driver.new_session();
        EmbedConfig { user_token: Some(account.token), user_channel: Some(account.channel) }
    } else {
        EmbedConfig::default()
    };
    let life = world.next_life();
    database::choose_mode(&mut world.driver, life);
    let mut ids = IdSource::new([
        world.driver.rng.next_u64(),
        world.driver.rng.next_u64(),
        world.driver.rng.next_u64(),
        life,
    ]);
    world.open(tab, &mut ids, embed);
}

/// The faults end: all devices are online, the server is up, all tabs are open.
fn end_faults(world: &mut World) {
    world.driver.have_faults_ended = true;
    world.driver.server.is_up = true;
    world.driver.server.revoked.clear();
    for device in 0..world.devices.len() {
        network::set_online(world, device, true);
        for tab in 0..world.devices[device].tabs.len() {
            open(world, TabId::new(device, tab));
        }
        work::sign_in(world, device);
        // A device that slept until now learns only then that it was signed out.
        world.schedule(SIGN_IN_AGAIN_MS, Event::SignIn { device });
    }
}

impl Driver for Simulation {
    type Link = Link;
    type Event = Event;

    const PEER_DELAY_MS: u64 = 2;
    const LOCK_DELAY_MS: u64 = 1;

    fn event(world: &mut World, event: Event) {
        match event {
            Event::Connected { target, link, token } => {
                network::connected(world, target, link, &token);
            }
            Event::ToServer { link, text } => network::receive(world, link, text),
            Event::ToClient { target, link, text } => {
                let open = world.tab(target.tab, target.life);
                if open.is_some_and(|open| open.link == Some(link)) {
                    world.driver.trace(world.now_ms, || format!("{} gets {text}", target.tab));
                    let conn = link.conn;
                    world.feed(target.tab, target.life, Input::FrameReceived { conn, text });
                }
            }
            Event::JobDone { link, job } => network::job_done(world, link, *job),
            Event::Act { device } => work::act(world, device),
            Event::Open { tab } => open(world, tab),
            Event::Kill { tab } => world.kill(tab),
            Event::Evening { device, until_ms } => {
                device_faults::evening(world, device, until_ms);
            }
            Event::Freeze { tab, for_ms } => {
                let until_ms = world.now_ms + for_ms;
                // All but the freezes for good end with the faults.
                let is_for_good = until_ms >= FOREVER_MS;
                let end_ms = world.driver.faults_end_ms;
                world.freeze(tab, if is_for_good { until_ms } else { until_ms.min(end_ms) });
                world.driver.trace(world.now_ms, || format!("{tab} is frozen for {for_ms} ms"));
            }
            Event::Network { device, is_online } => network::set_online(world, device, is_online),
            Event::ServerUp => world.driver.server.is_up = true,
            Event::Backup => world.driver.server.backup = Some(world.driver.server.log.clone()),
            Event::Restore => network::restore_server(world),
            Event::RareFault { device, fault } => device_faults::occur(world, device, fault),
            Event::SignIn { device } => work::sign_in(world, device),
            Event::FaultsEnd => end_faults(world),
        }
    }

    fn target(event: &Event) -> Option<Target> {
        match event {
            Event::Connected { target, .. } | Event::ToClient { target, .. } => Some(*target),
            Event::ToServer { .. }
            | Event::JobDone { .. }
            | Event::Act { .. }
            | Event::Open { .. }
            | Event::Kill { .. }
            | Event::Evening { .. }
            | Event::Freeze { .. }
            | Event::Network { .. }
            | Event::ServerUp
            | Event::Backup
            | Event::Restore
            | Event::RareFault { .. }
            | Event::SignIn { .. }
            | Event::FaultsEnd => None,
        }
    }

    fn network(world: &mut World, tab: TabId, life: u64, request: NetworkRequest) {
        network::request(world, Target { tab, life }, request);
    }

    fn before_step(world: &mut World, tab: TabId, _step: &Step) {
        if world.driver.occurs(Fault::Kill) {
            world.kill(tab);
        }
        if world.driver.occurs(Fault::Crash) {
            device_faults::crash_browser(world, tab.device);
        }
    }

    fn accepts_write(world: &mut World, _tab: TabId, _key: &str) -> bool {
        !world.driver.occurs(Fault::Full)
    }

    fn storage_changed(world: &mut World, _tab: TabId, op: &StorageOp, _before: Option<&str>) {
        if let StorageOp::Remove { key } = op
            && let Some(id) = op.event_id()
            && world.history.events.contains_key(&id)
            && invariants::is_nowhere(id, &observe(world))
        {
            world.violate(format!("P1: {key} was removed and is nowhere else"));
        }
    }

    fn database_latency(world: &mut World, tab: TabId, request: &DatabaseRequest) -> Latency {
        database::latency(world, tab, request)
    }

    fn displayed(world: &mut World, tab: TabId, display: &Display) {
        if let Display::Download { text } = display
            && let Some(open) = &world.devices[tab.device].tabs[tab.tab]
            && let Err(violation) = invariants::export_is_complete(&open.core, text)
        {
            world.violate(violation);
        }
    }

    fn after_input(world: &mut World, tab: TabId, life: u64) {
        checks::compare_confirmed(world, tab, life);
    }

    fn tab_killed(world: &mut World, tab: TabId, link: Option<Link>) {
        if let Some(link) = link {
            world.driver.server.close(link.number);
        }
        checks::forget_refused(world);
        let after_ms = world.driver.rng.below(20_000);
        world.schedule(after_ms, Event::Open { tab });
    }

    fn trace(&self, now_ms: u64, line: impl FnOnce() -> String) {
        self.trace.line(now_ms, line);
    }
}
