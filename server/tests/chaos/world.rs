//! The world: what is to come, what is told, one thread.

mod happen;
mod perform;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
use wizitime::app::Secret;
use wizitime::app::effect::{DurableWrite, HttpCall};
use wizitime::app::input::{Input, SignInReply};
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;
use wizitime_domain::{DeviceId, EventId, IdSource, UserId};

use crate::clock::Clock;
use crate::counts::Counts;
use crate::device::{Device, Tab};
use crate::faults::{self, strikes};
use crate::proxy::Proxy;
use crate::server::Server;
use crate::{database, http, oracle};

/// The tabs of each device.
const TABS: [usize; 4] = [2, 1, 2, 1];
/// The devices that begin signed in; the others begin as guests and sign in later.
const SIGNED_IN: usize = 2;
const EMAIL: &str = "someone@example.org";
const PASSWORD: &str = "correct horse";

/// How long the system may take to become quiet once the trouble is over (P8). A muted connection
/// is noticed by the missing heartbeat (35 s), the longest wait for the next one is 45 s, a join
/// may take 10 s and a sync may have to wait for 15 s after its last failure.
const QUIET_MS_MAX: u64 = 120_000;
/// How long a server may take from its start until it can be reached.
const SERVER_START_MS_MAX: u64 = 20_000;
/// What is told waits for the world in a queue of this length; tellers wait when it is full.
const TIDINGS_MAX: usize = 1_000;
/// From one line that tells how it goes to the next.
const PROGRESS_MS: u64 = 60_000;

/// Which tab of which device.
pub(crate) type Place = (usize, usize);

/// What comes from outside of this thread's decisions: sockets, answers, the server's process.
#[derive(Debug)]
pub(crate) enum Tidings {
    /// An input for a tab, if it still lives the same life.
    Input { place: Place, life: u64, input: Box<Input> },
    /// A server can be reached.
    ServerUp { life: u64, address: std::net::SocketAddr },
    /// A server's process is gone.
    ServerEnded { life: u64 },
}

/// Something that is to come.
#[derive(Debug)]
enum Happening {
    Input {
        place: Place,
        life: u64,
        input: Box<Input>,
    },
    /// A change of the mirror is on disk.
    Mirror {
        place: Place,
        life: u64,
        write: DurableWrite,
    },
    /// The person at this device does something.
    Act {
        device: usize,
    },
    /// Some tab is killed.
    KillTab,
    /// A tab is opened.
    Open {
        place: Place,
    },
    /// Some device loses its network.
    Offline,
    /// This one has it back.
    Online {
        device: usize,
    },
    StartServer,
    /// The server of this life is killed, if it still runs.
    KillServer {
        life: u64,
    },
    /// The server of this life is killed when the next batch is on its way.
    AimAtCommit {
        life: u64,
    },
    /// The server of this life must be up by now.
    ServerDue {
        life: u64,
    },
    /// How it goes is told.
    Progress,
    /// The trouble is over.
    Calm,
    /// A guest of this device signs in, and tries again if that fails.
    SignIn {
        device: usize,
    },
    /// All must be quiet by now.
    QuietDue,
}

/// Everything there is.
pub(crate) struct World {
    rng: IdSource,
    clock: Clock,
    trouble_ms: u64,
    /// By the time they are due, and in the order in which they were asked for.
    agenda: BTreeMap<(u64, u64), Happening>,
    last_number: u64,
    inbox: mpsc::Receiver<Tidings>,
    tell: mpsc::Sender<Tidings>,
    server: Server,
    /// The next batch that is sent draws the server's death.
    aims_at_commit: bool,
    proxy: Proxy,
    user_id: UserId,
    devices: Vec<Device>,
    last_life: u64,
    is_calm: bool,
    is_overdue: bool,
    recorded: oracle::Recorded,
    /// What waited in the tab that is being fed, before it was fed.
    seen: Vec<EventId>,
    counts: Counts,
    /// The promises that were broken on the way.
    broken: Vec<String>,
}

impl World {
    /// A server, an account, and devices that are about to open their tabs.
    pub(crate) async fn begin(seed: u64, trouble_ms: u64, program: PathBuf) -> Self {
        let mut rng = IdSource::new([seed, 4, 5, 6]);
        let clock = Clock::start();
        let (tell, mut inbox) = mpsc::channel(TIDINGS_MAX);
        let mut server = Server::new(program);
        server.start(tell.clone());
        let patience = Duration::from_millis(SERVER_START_MS_MAX);
        let first = timeout(patience, inbox.recv()).await;
        let Ok(Some(Tidings::ServerUp { address, .. })) = first else {
            panic!("the server does not start: {}", server.last_words());
        };
        server.address = address;
        server.is_up = true;
        let account = sign_up(&server, &mut rng, &clock).await;
        let network = IdSource::new([seed, rng.next_u64(), 8, 9]);
        let proxy = Proxy::start(address, network).await;
        let mut world = Self {
            rng,
            clock,
            trouble_ms,
            agenda: BTreeMap::new(),
            last_number: 0,
            inbox,
            tell,
            server,
            aims_at_commit: false,
            proxy,
            user_id: account.user_id,
            devices: Vec::new(),
            last_life: 0,
            is_calm: false,
            is_overdue: false,
            recorded: oracle::Recorded::default(),
            seen: Vec::new(),
            counts: Counts::default(),
            broken: Vec::new(),
        };
        world.populate(&account);
        world
    }

    fn populate(&mut self, account: &SignInReply) {
        for (device, tabs) in TABS.into_iter().enumerate() {
            let mut it = Device {
                tabs: (0..tabs).map(|_| None).collect(),
                skew_ms: self.rng.below(240_000) as i64 - 120_000,
                online: true,
                ..Device::default()
            };
            if device < SIGNED_IN {
                let session = wizitime_domain::json::to_string(&stored(account));
                it.local_storage.insert(StorageKey::Session.write(), session);
            }
            self.devices.push(it);
            for tab in 0..tabs {
                self.schedule(0, Happening::Open { place: (device, tab) });
            }
            self.schedule_below(faults::PAUSE_MS_MAX, Happening::Act { device });
        }
        self.schedule_below(faults::TAB_KILL_MS_MAX, Happening::KillTab);
        self.schedule_below(faults::OFFLINE_PAUSE_MS_MAX, Happening::Offline);
        self.schedule(PROGRESS_MS, Happening::Progress);
        self.schedule(self.trouble_ms, Happening::Calm);
        self.doom_server();
    }

    /// Runs to the end; what happened, and every promise that was broken.
    pub(crate) async fn run(mut self) -> (Counts, Vec<String>) {
        while !self.is_over() {
            let due = self.clock.instant(self.next_due_ms());
            tokio::select! {
                // We hold the other end ourselves: it never closes.
                Some(tidings) = self.inbox.recv() => self.hear(tidings),
                () = sleep_until(due) => self.happen_due().await,
            }
        }
        self.judge().await;
        self.counts.cuts += self.proxy.cuts();
        self.counts.events = self.recorded.events.len();
        if !self.broken.is_empty() {
            println!("the server's last words:\n{}", self.server.last_words());
            println!("its database and log are in {}", self.server.keep().display());
        }
        (self.counts, self.broken)
    }

    /// A promise that is broken ends the trouble: what follows from it would hide it.
    fn is_over(&self) -> bool {
        let is_quiet = || self.is_calm && oracle::is_quiet(&self.devices);
        !self.broken.is_empty() || self.is_overdue || is_quiet()
    }

    async fn judge(&mut self) {
        if self.is_overdue {
            let why = oracle::unrest(&self.devices);
            let text = format!("P8: not quiet {QUIET_MS_MAX} ms after the trouble: {why}");
            self.broken.push(text);
        }
        for place in self.places() {
            self.look_at_confirmed(place);
        }
        self.server.kill().await;
        match database::log(&self.server.database(), self.user_id).await {
            Ok(log) if self.is_calm => {
                self.broken.extend(oracle::judge(&self.recorded, &self.devices, &log));
            }
            // It was given up in the middle: much is on its way.
            Ok(_) => (),
            Err(why) => self.broken.push(why),
        }
    }

    /// Lets something happen `after_ms` from now.
    fn schedule(&mut self, after_ms: u64, happening: Happening) {
        self.last_number += 1;
        self.agenda.insert((self.clock.elapsed_ms() + after_ms, self.last_number), happening);
    }

    /// Lets something happen within so many milliseconds.
    fn schedule_below(&mut self, bound_ms: u64, happening: Happening) {
        let after_ms = self.rng.below(bound_ms);
        self.schedule(after_ms, happening);
    }

    fn next_due_ms(&self) -> u64 {
        let tabs = self.devices.iter().flat_map(|device| device.tabs.iter().flatten());
        let wakes = tabs.filter_map(|tab| tab.wake_at_ms);
        let agenda = self.agenda.keys().map(|(at_ms, _)| *at_ms).take(1);
        wakes.chain(agenda).min().unwrap_or(u64::MAX)
    }

    fn strikes(&mut self, chance: u64) -> bool {
        !self.is_calm && strikes(&mut self.rng, chance)
    }

    fn places(&self) -> Vec<Place> {
        let devices = self.devices.iter().enumerate();
        devices.flat_map(|(device, it)| (0..it.tabs.len()).map(move |tab| (device, tab))).collect()
    }

    fn tab(&mut self, (device, tab): Place, life: u64) -> Option<&mut Tab> {
        self.devices[device].tabs[tab].as_mut().filter(|tab| tab.life == life)
    }

    /// Lets a tab have an input a little later.
    fn input(&mut self, place: Place, after_ms: u64, input: Input) {
        if let Some(tab) = &self.devices[place.0].tabs[place.1] {
            let life = tab.life;
            self.schedule(after_ms, Happening::Input { place, life, input: Box::new(input) });
        }
    }
}

async fn sign_up(server: &Server, rng: &mut IdSource, clock: &Clock) -> SignInReply {
    let device_id = DeviceId::from_bytes(rng.uuid_v7(clock.now(0).wall));
    let password = Secret(PASSWORD.to_owned());
    let call = HttpCall::SignUp { email: EMAIL.to_owned(), password, device_id };
    match http::call(server.address, call).await {
        Some(Input::SignInAnswered(Ok(account))) => account,
        other => panic!("nobody could sign up: {other:?}: {}", server.last_words()),
    }
}

/// The account as a tab that signed in has stored it.
fn stored(account: &SignInReply) -> Account {
    Account {
        user_id: account.user_id,
        email: account.email.clone(),
        token: account.token.clone(),
        channel: account.channel.clone(),
        hosted: false,
        expired: false,
    }
}
