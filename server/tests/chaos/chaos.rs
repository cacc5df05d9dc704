//! The driver: real sockets, a real server that is killed, tabs that are killed.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio::time::{sleep_until, timeout};
use wizitime::app::Input;
use wizitime::app::input::{EmbedConfig, PageEvent, SessionAnswer, SignInError, SignInReply};
use wizitime::effects::Secret;
use wizitime::effects::{HttpCall, SignInAccount};
use wizitime::features::{AccountIntent, Intent};
use wizitime::sync::StorageKey;
use wizitime_domain::{DeviceId, IdSource};
use wizitime_protocol::messages::BULK_EVENT;
use wizitime_testkit::{
    DatabaseRequest, Device, Driver, Harness, Latency, NetworkRequest, Step, TabId, Target,
    account, invariants, session_text, sign_in_intent, user,
};

use crate::checks::{self, ConfirmedSamples};
use crate::clock::Clock;
use crate::counts::Counts;
use crate::faults::{self, occurs};
use crate::link::Link;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::{database, http};

/// The tabs of each device.
const TABS: [usize; 4] = [2, 1, 2, 1];
/// The devices that begin signed in; the others begin as guests and sign in later.
const SIGNED_IN: usize = 2;

/// How long all tabs may take to become quiet once the faults end (P8). A muted connection is
/// detected by the missing heartbeat (35 s), the longest backoff is 45 s, a join may take 10 s and
/// a sync may have to wait for 15 s after its last failure.
const QUIET_MS_MAX: u64 = 120_000;
/// How long a server may take from its start until it listens.
const SERVER_START_MS_MAX: u64 = 20_000;
/// The length of the queue of reports; senders wait when it is full.
const REPORTS_MAX: usize = 1_000;
/// From one line of progress to the next.
const PROGRESS_MS: u64 = 60_000;
/// From one attempt to sign in at the end to the next.
const SIGN_IN_PAUSE_MS: u64 = 1_000;

/// What tasks and processes report.
#[derive(Debug)]
pub(crate) enum Report {
    /// An input for a tab.
    Input { target: Target, input: Box<Input> },
    /// A server listens.
    ServerUp { life: u64, address: std::net::SocketAddr },
    /// The process of a server has ended.
    ServerEnded { life: u64 },
}

/// Something that is scheduled.
#[derive(Debug)]
pub(crate) enum Event {
    /// The user of a device does something.
    Act {
        device: usize,
    },
    /// A random tab is killed.
    KillTab,
    Open {
        tab: TabId,
    },
    /// A random device loses its network.
    Offline,
    Online {
        device: usize,
    },
    StartServer,
    /// The server of this life is killed, if it still runs.
    KillServer {
        life: u64,
    },
    /// The server of this life is killed when the next batch is sent.
    AimAtCommit {
        life: u64,
    },
    /// The server of this life must listen by now.
    ServerDue {
        life: u64,
    },
    Progress,
    FaultsEnd,
    /// The user signs in, if the device is signed out.
    SignIn {
        device: usize,
    },
    /// All tabs must be quiet by now.
    QuietDue,
}

/// The driver.
#[derive(Debug)]
pub(crate) struct Chaos {
    rng: IdSource,
    reports: mpsc::Sender<Report>,
    server: Server,
    must_kill_server: bool,
    /// The next batch that is sent gets the server killed.
    aims_at_commit: bool,
    proxy: Proxy,
    have_faults_ended: bool,
    is_overdue: bool,
    samples: ConfirmedSamples,
    counts: Counts,
}

type World = Harness<Chaos>;

/// Runs for so long, and until all is quiet. Returns the counts and every violation.
pub(crate) async fn run(seed: u64, faults_ms: u64, program: PathBuf) -> (Counts, Vec<String>) {
    let mut rng = IdSource::new([seed, 4, 5, 6]);
    let clock = Clock::start();
    let (reports, mut inbox) = mpsc::channel(REPORTS_MAX);
    let mut server = Server::new(program);
    server.start(reports.clone());
    let first = timeout(Duration::from_millis(SERVER_START_MS_MAX), inbox.recv()).await;
    let Ok(Some(Report::ServerUp { address, .. })) = first else {
        panic!("the server does not start: {}", server.log_tail());
    };
    server.address = address;
    server.is_up = true;
    let reply = sign_up(&server, &mut rng, &clock).await;
    let network = IdSource::new([seed, rng.next_u64(), 8, 9]);
    let proxy = Proxy::start(address, network).await;
    let driver = Chaos {
        rng,
        reports,
        server,
        must_kill_server: false,
        aims_at_commit: false,
        proxy,
        have_faults_ended: false,
        is_overdue: false,
        samples: ConfirmedSamples::new(),
        counts: Counts::default(),
    };
    let mut world = World::new(driver, clock.began_at);
    populate(&mut world, &reply, faults_ms);
    let mut violation = None;
    while violation.is_none() && !is_over(&world) {
        let due = clock.instant(world.next_due_ms().unwrap_or(u64::MAX / 2));
        tokio::select! {
            // This function holds a sender itself: the channel never closes.
            Some(report) = inbox.recv() => {
                world.now_ms = clock.elapsed_ms();
                receive(&mut world, report);
            }
            () = sleep_until(due) => {
                world.now_ms = clock.elapsed_ms();
                world.run_until(world.now_ms);
            }
        }
        if std::mem::take(&mut world.driver.must_kill_server) {
            kill_server(&mut world).await;
        }
        violation = world.take_violation();
    }
    finish(world, violation, &reply).await
}

/// A violation ends the run: what follows from it would hide it.
fn is_over(world: &World) -> bool {
    let cores = || world.running_tabs().map(|(_, tab)| &tab.core);
    world.driver.is_overdue || world.driver.have_faults_ended && checks::is_quiet(cores())
}

async fn finish(
    mut world: World,
    violation: Option<String>,
    reply: &SignInReply,
) -> (Counts, Vec<String>) {
    let mut violations: Vec<String> = violation.into_iter().collect();
    for tab in world.tab_ids() {
        sample_confirmed(&mut world, tab);
    }
    world.driver.server.kill().await;
    let log = database::log(&world.driver.server.database(), reply.user_id).await;
    let tabs: Vec<_> = world.running_tabs().map(|(tab, it)| (tab, &it.core)).collect();
    if world.driver.is_overdue {
        let tabs = invariants::describe_tabs(tabs.iter().copied());
        violations.push(format!("P8: not quiet {QUIET_MS_MAX} ms after the faults ended: {tabs}"));
    }
    match log {
        Ok(log) if world.driver.have_faults_ended => {
            let samples = &world.driver.samples;
            violations.extend(checks::violations(&world.history, samples, &tabs, &log));
        }
        // The run was ended by a violation, with batches on their way.
        Ok(_) => (),
        Err(violation) => violations.push(violation),
    }
    let mut counts = world.driver.counts;
    counts.cuts += world.driver.proxy.cuts();
    counts.events = world.history.causes.len();
    if !violations.is_empty() {
        let server = &mut world.driver.server;
        println!("the last lines of the server's log:\n{}", server.log_tail());
        println!("its database and log are in {}", server.keep().display());
    }
    (counts, violations)
}

async fn sign_up(server: &Server, rng: &mut IdSource, clock: &Clock) -> SignInReply {
    let device_id = DeviceId::from_bytes(rng.uuid_v7(clock.began_at));
    let (email, password) = (user::EMAIL.to_owned(), Secret(user::PASSWORD.to_owned()));
    let account = SignInAccount::New { email, password, invitation: None };
    let call = HttpCall::SignIn { account, device_id };
    match http::call(server.address, call).await {
        Some(Input::SignInAnswered(Ok(reply))) => reply,
        other => panic!("the sign-up failed: {other:?}: {}", server.log_tail()),
    }
}

fn populate(world: &mut World, reply: &SignInReply, faults_ms: u64) {
    for (index, tabs) in TABS.into_iter().enumerate() {
        let mut device = Device::new(tabs);
        device.skew_ms = world.driver.rng.below(240_000) as i64 - 120_000;
        if index < SIGNED_IN {
            let account = account(reply.user_id, &reply.email, reply.token.clone());
            let session = session_text(&account);
            device.profile.local_storage.insert(StorageKey::Session.write(), session);
        }
        world.devices.push(device);
        for tab in 0..tabs {
            world.schedule(0, Event::Open { tab: TabId::new(index, tab) });
        }
        schedule_below(world, faults::PAUSE_MS_MAX, Event::Act { device: index });
    }
    schedule_below(world, faults::TAB_KILL_MS_MAX, Event::KillTab);
    schedule_below(world, faults::ONLINE_MS_MAX, Event::Offline);
    world.schedule(PROGRESS_MS, Event::Progress);
    world.schedule(faults_ms, Event::FaultsEnd);
    schedule_server_kill(world);
}

/// Schedules an event within so many milliseconds.
fn schedule_below(world: &mut World, bound_ms: u64, event: Event) {
    let after_ms = world.driver.rng.below(bound_ms);
    world.schedule(after_ms, event);
}

impl Chaos {
    fn occurs(&mut self, chance: u64) -> bool {
        !self.have_faults_ended && occurs(&mut self.rng, chance)
    }

    fn is_current(&self, life: u64) -> bool {
        life == self.server.life
    }

    /// Whether the server of this life may be killed.
    fn is_doomed(&self, life: u64) -> bool {
        !self.have_faults_ended && self.is_current(life)
    }
}

fn receive(world: &mut World, report: Report) {
    match report {
        Report::Input { target, input } => world.feed(target.tab, target.life, *input),
        Report::ServerUp { life, .. } => {
            let server = &mut world.driver.server;
            server.is_up |= life == server.life;
        }
        Report::ServerEnded { life } => {
            if world.driver.is_current(life) && world.driver.server.is_running() {
                world.violate("the server ended by itself");
            }
        }
    }
}

fn start_server(world: &mut World) {
    let reports = world.driver.reports.clone();
    world.driver.server.start(reports);
    let life = world.driver.server.life;
    world.schedule(SERVER_START_MS_MAX, Event::ServerDue { life });
    schedule_server_kill(world);
}

/// Decides how the server that was just started is going to be killed.
fn schedule_server_kill(world: &mut World) {
    world.driver.aims_at_commit = false;
    let life = world.driver.server.life;
    if world.driver.occurs(faults::KILLED_AT_START) {
        schedule_below(world, faults::START_KILL_MS_MAX, Event::KillServer { life });
    } else if world.driver.occurs(faults::KILLED_AT_COMMIT) {
        schedule_below(world, faults::SERVER_LIFE_MS_MAX, Event::AimAtCommit { life });
    } else {
        schedule_below(world, faults::SERVER_LIFE_MS_MAX, Event::KillServer { life });
    }
}

async fn kill_server(world: &mut World) {
    if world.driver.server.is_running() {
        world.driver.counts.server_kills += 1;
        world.driver.server.kill().await;
        schedule_below(world, faults::SERVER_DOWN_MS_MAX, Event::StartServer);
    }
}

/// The faults end: all devices are online, the server runs, all tabs are open. Devices that were
/// online get no event: a connection that hangs has to be detected.
fn end_faults(world: &mut World) {
    world.driver.have_faults_ended = true;
    world.driver.proxy.end_faults();
    if !world.driver.server.is_running() {
        start_server(world);
    }
    for device in 0..world.devices.len() {
        if !world.devices[device].online {
            set_online(world, device, true);
        }
        world.schedule(0, Event::SignIn { device });
    }
    for tab in world.tab_ids() {
        open(world, tab);
    }
    world.schedule(QUIET_MS_MAX, Event::QuietDue);
}

fn open(world: &mut World, tab: TabId) {
    if world.devices[tab.device].tabs[tab.tab].is_none() {
        let mut ids = world.driver.rng.clone();
        world.open(tab, &mut ids, EmbedConfig::default());
        world.driver.rng = ids;
    }
}

/// A guest signs in, however often the reply gets lost, and so does a device that learns only now
/// that it is signed out.
fn sign_in(world: &mut World, device: usize) {
    let tab = TabId::new(device, 0);
    let Some(open) = &world.devices[device].tabs[0] else { return };
    let session = &open.core.state().session;
    if session.active().is_none() && !session.signing_in {
        world.input(tab, 0, Input::User(sign_in_intent(user::EMAIL, user::PASSWORD)));
    }
    world.schedule(SIGN_IN_PAUSE_MS, Event::SignIn { device });
}

/// The user of a device does something in one of its tabs.
fn act(world: &mut World, device: usize) {
    let tabs = world.devices[device].tabs.len() as u64;
    let tab = TabId::new(device, world.driver.rng.below(tabs) as usize);
    let Some(open) = &world.devices[device].tabs[tab.tab] else { return };
    let now = open.core.server_time(world.moment(device).wall);
    let life = open.life;
    let mut intent = user::intent(&open.core, now, &mut world.driver.rng);
    // The account exists, and the server limits failed attempts.
    if let Intent::Account(AccountIntent::SignIn(SignInAccount::New { .. })) = intent {
        intent = sign_in_intent(user::EMAIL, user::PASSWORD);
    }
    world.feed(tab, life, Input::User(intent));
}

fn set_online(world: &mut World, device: usize, is_online: bool) {
    world.devices[device].online = is_online;
    for tab in (0..world.devices[device].tabs.len()).map(|tab| TabId::new(device, tab)) {
        let open = world.devices[device].tabs[tab.tab].as_mut();
        if !is_online && let Some(link) = open.and_then(|it| it.link.take()) {
            world.driver.counts.cuts += 1;
            let closed = Input::SocketClosed { conn: link.conn, code: Some(1006) };
            world.input(tab, 1, closed);
        }
        let event = if is_online { PageEvent::Online } else { PageEvent::Offline };
        world.input(tab, 1, Input::Page(event));
    }
}

/// Notes the confirmed data of a tab, to be compared with the log at the end.
fn sample_confirmed(world: &mut World, tab: TabId) {
    let Some(open) = &mut world.devices[tab.device].tabs[tab.tab] else { return };
    let ledger = &open.core.state().ledger;
    let position = ledger.epoch().map(|epoch| (epoch, ledger.cursor()));
    if position.is_some() && position != open.compared {
        let digests = world.driver.samples.entry(ledger.cursor()).or_default();
        digests.insert(ledger.confirmed().digest());
        open.compared = position;
    }
}

fn http(world: &mut World, target: Target, call: HttpCall) {
    if !world.devices[target.tab.device].online {
        let input = match call {
            HttpCall::SignIn { .. } => Input::SignInAnswered(Err(SignInError::Unreachable)),
            HttpCall::Session { .. } => Input::SessionAnswered(SessionAnswer::Unreachable),
            HttpCall::SignOut { .. } => return,
        };
        return world.input(target.tab, 1, input);
    }
    let (address, reports) = (world.driver.proxy.address, world.driver.reports.clone());
    spawn_local(async move {
        if let Some(input) = http::call(address, call).await {
            // The run may be over.
            let _ = reports.send(Report::Input { target, input: Box::new(input) }).await;
        }
    });
}

impl Driver for Chaos {
    type Link = Link;
    type Event = Event;

    const PEER_DELAY_MS: u64 = 2;
    const LOCK_DELAY_MS: u64 = 1;

    fn event(world: &mut World, event: Event) {
        let has_ended = world.driver.have_faults_ended;
        match event {
            Event::Act { device } => {
                if !has_ended {
                    act(world, device);
                    schedule_below(world, faults::PAUSE_MS_MAX, Event::Act { device });
                }
            }
            Event::KillTab => {
                if !has_ended {
                    let tabs = world.tab_ids();
                    let index = world.driver.rng.below(tabs.len() as u64) as usize;
                    world.kill(tabs[index]);
                    schedule_below(world, faults::TAB_KILL_MS_MAX, Event::KillTab);
                }
            }
            Event::Open { tab } => open(world, tab),
            Event::Offline => {
                if !has_ended {
                    let devices = world.devices.len() as u64;
                    let device = world.driver.rng.below(devices) as usize;
                    set_online(world, device, false);
                    schedule_below(world, faults::OFFLINE_MS_MAX, Event::Online { device });
                    schedule_below(world, faults::ONLINE_MS_MAX, Event::Offline);
                }
            }
            Event::Online { device } => {
                if !world.devices[device].online {
                    set_online(world, device, true);
                }
            }
            Event::StartServer => {
                if !world.driver.server.is_running() {
                    start_server(world);
                }
            }
            Event::KillServer { life } => {
                world.driver.must_kill_server |= world.driver.is_doomed(life);
            }
            Event::AimAtCommit { life } => {
                world.driver.aims_at_commit |= world.driver.is_doomed(life);
            }
            Event::ServerDue { life } => {
                let server = &world.driver.server;
                if world.driver.is_current(life) && server.is_running() && !server.is_up {
                    let ms = SERVER_START_MS_MAX;
                    world.violate(format!("the server does not listen {ms} ms after its start"));
                }
            }
            Event::Progress => {
                if !has_ended {
                    let minute = world.now_ms / PROGRESS_MS;
                    println!("minute {minute}: {} events so far", world.history.causes.len());
                    world.schedule(PROGRESS_MS, Event::Progress);
                }
            }
            Event::FaultsEnd => end_faults(world),
            Event::SignIn { device } => sign_in(world, device),
            Event::QuietDue => world.driver.is_overdue = true,
        }
    }

    fn network(world: &mut World, tab: TabId, life: u64, request: NetworkRequest) {
        let target = Target { tab, life };
        match request {
            NetworkRequest::Connect { conn, token } => {
                if !world.devices[tab.device].online {
                    return world.input(tab, 1, Input::SocketClosed { conn, code: Some(1006) });
                }
                let address = world.driver.proxy.address;
                let reports = world.driver.reports.clone();
                let link = Link::open(address, &token, conn, target, reports);
                if let Some(open) = world.tab(tab, life) {
                    open.link = Some(link);
                }
            }
            NetworkRequest::Send { conn, text } => {
                // The server may be killed before the batch arrives, while it is written, or before
                // the reply is sent.
                if text.contains(BULK_EVENT) && std::mem::take(&mut world.driver.aims_at_commit) {
                    let life = world.driver.server.life;
                    schedule_below(world, faults::COMMIT_KILL_MS_MAX, Event::KillServer { life });
                }
                let link = world.tab(tab, life).and_then(|open| open.link.as_ref());
                if let Some(link) = link.filter(|link| link.conn == conn) {
                    link.send(text);
                }
            }
            NetworkRequest::Close { conn } => {
                if let Some(open) = world.tab(tab, life) {
                    open.link.take_if(|link| link.conn == conn);
                }
            }
            NetworkRequest::Http(call) => http(world, target, call),
        }
    }

    fn before_step(world: &mut World, tab: TabId, _step: &Step) {
        if world.driver.occurs(faults::KILLED_AT_STEP) {
            world.kill(tab);
        }
    }

    fn database_latency(world: &mut World, _tab: TabId, request: &DatabaseRequest) -> Latency {
        let is_cache_write = matches!(request, DatabaseRequest::WriteCache(_));
        if is_cache_write && world.driver.occurs(faults::CACHE_LOST) {
            return Latency::Silent;
        }
        let ms = world.driver.rng.below(faults::DATABASE_MS_MAX);
        match request.is_read() {
            true => Latency::After { execute_ms: 0, reply_ms: ms },
            false => Latency::After { execute_ms: ms, reply_ms: 0 },
        }
    }

    fn after_input(world: &mut World, tab: TabId, _life: u64) {
        if world.driver.occurs(faults::SAMPLED) {
            sample_confirmed(world, tab);
        }
    }

    fn tab_killed(world: &mut World, tab: TabId, _link: Option<Link>) {
        world.driver.counts.tabs_killed += 1;
        schedule_below(world, faults::TAB_CLOSED_MS_MAX, Event::Open { tab });
    }
}
