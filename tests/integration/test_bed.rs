//! A calm world for integration tests: frames arrive at once, and time passes when told to.

use std::collections::BTreeMap;

use wizitime::app::Input;
use wizitime::app::input::{EmbedConfig, PageEvent, PeerMessage, SignInReply};
use wizitime::effects::HttpCall;
use wizitime::features::{Intent, SyncBadge, TimerIntent, select_status};
use wizitime::store::State;
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;
use wizitime_domain::{EpochId, IdSource, TimeEntry, Timestamp, UserId};
use wizitime_hub::{Job, JobError, JobResult, MemoryLog};
use wizitime_protocol::messages::BulkError;
use wizitime_protocol::phoenix::ConnId;
use wizitime_testkit::phoenix::{Phoenix, Version};
use wizitime_testkit::{
    DatabaseRequest, Delivery, Device, Display, Driver, FOREVER_MS, FakeServer, Harness, Latency,
    NetworkRequest, Profile, Step, TabId, Target, session_text,
};

/// 2026-03-02T09:00:00Z, a Monday.
pub(crate) const NINE_MS: i64 = 1_772_442_000_000;

/// How the IndexedDB of a profile behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Database {
    #[default]
    Working,
    /// Reads of the durable copy are never answered.
    SilentDurableRead,
    /// Reads of the archive are never answered.
    SilentArchive,
    /// Reads of the archive fail.
    RefusedArchive,
    /// No request to the durable copy is ever answered.
    SilentDurableCopy,
    /// Writes to the durable copy are executed and never answered.
    LostWriteReplies,
    /// Writes to the durable copy are never executed and never answered.
    HangingWrites,
    /// Reads of the durable copy are never answered, and writes are refused.
    SilentReadRefusedWrites,
    /// Reads of the snapshot cache are never answered.
    SilentCache,
    /// There is none: the durable copy refuses everything.
    Refused,
}

/// How the server behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerBehavior {
    Normal,
    /// The database is unavailable for batches.
    Unavailable,
    /// Requests for a changes page are never answered.
    SilentChanges,
    /// The database is unavailable for changes pages.
    UnavailableChanges,
    /// It commits, then crashes before the reply.
    CrashesAfterCommit,
    /// It commits, closes the connection with this code instead of a reply, and is normal again.
    ClosesAfterCommit(Option<u16>),
    /// The channel crashes over the batch; then the server is normal again.
    ChannelCrashes,
    /// The channel crashes over every batch that contains this text.
    CrashesOnBatches(String),
    /// The channel crashes over every request for a changes page.
    CrashesOnChanges,
    /// It replies with an error to every batch that contains this text.
    RejectsBatches(String, BulkError),
}

/// A tab's end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    conn: ConnId,
    number: u64,
}

/// What a tab did and how its network is.
#[derive(Debug, Default)]
pub(crate) struct TabRecord {
    /// This tab alone does not reach the server.
    pub(crate) is_cut_off: bool,
    /// The connection is dead, and no close event came.
    pub(crate) is_link_dead: bool,
    /// Broadcasts to this tab are lost.
    pub(crate) loses_broadcasts: bool,
    /// How often it tried to connect.
    pub(crate) connects: usize,
    pub(crate) http: Vec<HttpCall>,
    pub(crate) downloads: Vec<String>,
    /// In order: `store`, `send EVENT`, `render`.
    pub(crate) steps: Vec<String>,
}

/// The driver.
#[derive(Debug)]
pub(crate) struct Bed {
    server: FakeServer,
    /// The server is a Phoenix of this version instead of ours.
    phoenix: Option<Version>,
    behavior: ServerBehavior,
    databases: Vec<Database>,
    /// Whether the localStorage of each profile takes no more.
    is_full: Vec<bool>,
    /// Part of the key that localStorage refuses.
    refused_key: Option<String>,
    records: BTreeMap<TabId, TabRecord>,
    peer_messages: Vec<PeerMessage>,
    last_link: u64,
    ids: IdSource,
}

/// A server and some devices. Tabs are named by number, in the order in which they were opened
/// first.
pub(crate) struct TestBed {
    harness: Harness<Bed>,
    tabs: Vec<TabId>,
}

pub(crate) fn user(byte: u8) -> UserId {
    UserId::from_bytes([byte; 16])
}

pub(crate) fn account(byte: u8) -> Account {
    let email = format!("{byte}@example.org");
    wizitime_testkit::account(user(byte), &email, format!("token-{byte}"))
}

/// The server's answer to a sign-in with this account.
pub(crate) fn sign_in_answer(account: Account) -> Input {
    let Account { user_id, email, token, channel, .. } = account;
    Input::SignInAnswered(Ok(SignInReply { user_id, email, token, channel }))
}

impl TestBed {
    /// So many devices of one user, each with one tab, all signed in and online.
    pub(crate) fn with_devices(count: usize) -> Self {
        Self::with_server(None, count)
    }

    /// The same with a Phoenix of this version as the server.
    pub(crate) fn on_phoenix(version: Version, count: usize) -> Self {
        Self::with_server(Some(version), count)
    }

    /// A device with two tabs, of which the first leads.
    pub(crate) fn with_two_tabs() -> Self {
        let mut bed = Self::with_devices(1);
        bed.open(0);
        bed.wait(1_000);
        bed
    }

    fn with_server(phoenix: Option<Version>, count: usize) -> Self {
        let mut bed = Self::empty();
        bed.harness.driver.phoenix = phoenix;
        for _ in 0..count {
            let profile = bed.add_profile(Some(&account(1)));
            bed.open(profile);
        }
        bed.wait(200);
        bed
    }

    /// A server without devices.
    pub(crate) fn empty() -> Self {
        let driver = Bed {
            server: FakeServer::new(EpochId::from_bytes([9; 16])),
            phoenix: None,
            behavior: ServerBehavior::Normal,
            databases: Vec::new(),
            is_full: Vec::new(),
            refused_key: None,
            records: BTreeMap::new(),
            peer_messages: Vec::new(),
            last_link: 0,
            ids: IdSource::new([1; 4]),
        };
        let harness = Harness::new(driver, Timestamp::saturating_from_ms(NINE_MS));
        Self { harness, tabs: Vec::new() }
    }

    /// Adds a device, signed in to this account or as a guest.
    pub(crate) fn add_profile(&mut self, account: Option<&Account>) -> usize {
        let mut device = Device::new(0);
        if let Some(account) = account {
            let key = StorageKey::Session.write();
            device.profile.local_storage.insert(key, session_text(account));
        }
        self.harness.devices.push(device);
        self.harness.driver.databases.push(Database::Working);
        self.harness.driver.is_full.push(false);
        self.harness.devices.len() - 1
    }

    /// Opens a tab; the first of a profile becomes the leader.
    pub(crate) fn open(&mut self, profile: usize) -> usize {
        let is_closed = |tab: &TabId| {
            tab.device == profile && self.harness.devices[profile].tabs[tab.tab].is_none()
        };
        let number = self.tabs.iter().position(is_closed).unwrap_or(self.tabs.len());
        if number == self.tabs.len() {
            let tabs = &mut self.harness.devices[profile].tabs;
            tabs.push(None);
            self.tabs.push(TabId::new(profile, tabs.len() - 1));
        }
        let tab = self.tabs[number];
        self.harness.driver.records.insert(tab, TabRecord::default());
        let mut ids = self.harness.driver.ids.clone();
        self.harness.open(tab, &mut ids, EmbedConfig::default());
        self.harness.driver.ids = ids;
        self.settle();
        number
    }

    /// Closes all tabs of a profile and opens one anew on its stores.
    pub(crate) fn reopen(&mut self, profile: usize) -> usize {
        self.harness.kill_browser(profile);
        self.open(profile)
    }

    /// The browser crashes before localStorage has the buffer on disk, and is started again.
    pub(crate) fn crash(&mut self, profile: usize) -> usize {
        self.profile(profile).local_storage.retain(|key, _| !key.starts_with("wizi.event"));
        self.reopen(profile)
    }

    /// The user closes a tab; another of the profile becomes the leader.
    pub(crate) fn close_tab(&mut self, tab: usize) {
        self.harness.kill(self.tabs[tab]);
        self.settle();
    }

    /// A tab stops, as a debugger or a sleeping phone stops it.
    pub(crate) fn freeze(&mut self, tab: usize) {
        self.harness.freeze(self.tabs[tab], FOREVER_MS);
    }

    /// It continues, and handles what it missed.
    pub(crate) fn thaw(&mut self, tab: usize) {
        self.harness.thaw(self.tabs[tab]);
        self.settle();
    }

    pub(crate) const fn profile_count(&self) -> usize {
        self.harness.devices.len()
    }

    pub(crate) fn profile(&mut self, profile: usize) -> &mut Profile {
        &mut self.harness.devices[profile].profile
    }

    pub(crate) fn set_database(&mut self, profile: usize, database: Database) {
        self.harness.driver.databases[profile] = database;
    }

    pub(crate) fn set_full(&mut self, profile: usize, is_full: bool) {
        self.harness.driver.is_full[profile] = is_full;
    }

    /// Lets localStorage refuse keys with this part.
    pub(crate) fn refuse_key(&mut self, part: String) {
        self.harness.driver.refused_key = Some(part);
    }

    pub(crate) fn set_server(&mut self, behavior: ServerBehavior) {
        self.harness.driver.behavior = behavior;
    }

    /// Sets how far the wall clock of a profile is off.
    pub(crate) fn set_skew_ms(&mut self, profile: usize, skew_ms: i64) {
        self.harness.devices[profile].skew_ms = skew_ms;
    }

    pub(crate) fn stored(&self, profile: usize) -> Vec<(String, String)> {
        self.harness.devices[profile].profile.stored()
    }

    /// The server's log.
    pub(crate) fn log(&self) -> &MemoryLog {
        &self.harness.driver.server.log
    }

    pub(crate) fn log_mut(&mut self) -> &mut MemoryLog {
        &mut self.harness.driver.server.log
    }

    /// The messages between tabs since they were cleared last.
    pub(crate) const fn peer_messages(&mut self) -> &mut Vec<PeerMessage> {
        &mut self.harness.driver.peer_messages
    }

    pub(crate) fn record(&mut self, tab: usize) -> &mut TabRecord {
        self.harness.driver.records.get_mut(&self.tabs[tab]).unwrap()
    }

    pub(crate) fn state(&self, tab: usize) -> &State {
        let TabId { device, tab } = self.tabs[tab];
        self.harness.devices[device].tabs[tab].as_ref().unwrap().core.state()
    }

    /// Whether a tab holds the leader lock.
    pub(crate) fn is_leader(&self, tab: usize) -> bool {
        let TabId { device, tab } = self.tabs[tab];
        self.harness.devices[device].leader == Some(tab)
    }

    /// Lets time pass; timers fire on the way.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.harness.run_until(self.harness.now_ms + ms);
        assert_eq!(self.harness.take_violation(), None);
    }

    /// Lets everything happen that is due.
    fn settle(&mut self) {
        self.wait(0);
    }

    pub(crate) fn feed(&mut self, tab: usize, input: Input) {
        self.harness.input(self.tabs[tab], 0, input);
        self.settle();
    }

    pub(crate) fn act(&mut self, tab: usize, intent: Intent) {
        self.feed(tab, Input::User(intent));
    }

    pub(crate) fn start(&mut self, tab: usize, description: &str) {
        let description = description.to_owned();
        let start = TimerIntent::Start { description, project_id: None, started_at: None };
        self.act(tab, Intent::Timer(start));
    }

    /// The network of a profile goes or comes back.
    pub(crate) fn set_online(&mut self, profile: usize, is_online: bool) {
        set_online(&mut self.harness, profile, is_online);
        self.settle();
    }

    /// The network of a profile comes back without an event.
    pub(crate) fn set_online_silently(&mut self, profile: usize) {
        self.harness.devices[profile].online = true;
    }

    /// The connection of a tab ends with this code.
    pub(crate) fn close(&mut self, tab: usize, code: Option<u16>) {
        close(&mut self.harness, self.tabs[tab], code);
        self.settle();
    }

    fn link(&self, tab: usize) -> Link {
        let TabId { device, tab } = self.tabs[tab];
        self.harness.devices[device].tabs[tab].as_ref().and_then(|it| it.link).unwrap()
    }

    /// The Phoenix at the other end of a tab's connection.
    pub(crate) fn phoenix(&mut self, tab: usize) -> &mut Phoenix {
        let link = self.link(tab).number;
        self.harness.driver.server.phoenix(link).unwrap()
    }

    /// The server sends a tab this frame.
    pub(crate) fn send_frame(&mut self, tab: usize, text: String) {
        let conn = self.link(tab).conn;
        self.feed(tab, Input::FrameReceived { conn, text });
    }

    /// The entries that a tab shows: `description start–end`, minutes after nine, oldest first.
    pub(crate) fn shown(&self, tab: usize) -> Vec<String> {
        let ledger = self.state(tab).ledger.shown();
        ledger.entries().filter(|entry| !entry.deleted).map(|entry| describe(entry)).collect()
    }

    pub(crate) fn badge(&self, tab: usize) -> SyncBadge {
        select_status(self.state(tab)).badge
    }

    /// How many events of a tab wait to be sent.
    pub(crate) fn waiting(&self, tab: usize) -> usize {
        self.state(tab).events.waiting_count()
    }

    /// How many events the server has.
    pub(crate) fn logged(&self) -> usize {
        self.log().events(user(1)).len()
    }
}

fn describe(entry: &TimeEntry) -> String {
    let minutes = |at: Timestamp| (at.as_ms() - NINE_MS) / 60_000;
    let end = entry.stop.map_or(String::new(), |stop| minutes(stop.at).to_string());
    format!("{} {}–{end}", entry.description, minutes(entry.started_at))
}

fn set_online(harness: &mut Harness<Bed>, profile: usize, is_online: bool) {
    harness.devices[profile].online = is_online;
    for tab in (0..harness.devices[profile].tabs.len()).map(|tab| TabId::new(profile, tab)) {
        if is_online {
            harness.input(tab, 0, Input::Page(PageEvent::Online));
        } else {
            close(harness, tab, Some(1006));
        }
    }
}

fn close(harness: &mut Harness<Bed>, tab: TabId, code: Option<u16>) {
    let open = harness.devices[tab.device].tabs[tab.tab].as_mut();
    if let Some(Link { conn, number }) = open.and_then(|open| open.link.take()) {
        harness.driver.server.close(number);
        harness.input(tab, 0, Input::SocketClosed { conn, code });
    }
}

fn connect(harness: &mut Harness<Bed>, target: Target, conn: ConnId, token: &str) {
    let byte = token.strip_prefix("token-").and_then(|byte| byte.parse::<u8>().ok());
    let record = harness.driver.records.get_mut(&target.tab).unwrap();
    record.connects += 1;
    record.is_link_dead = false;
    let is_online = harness.devices[target.tab.device].online && !record.is_cut_off;
    let Some(byte) = byte.filter(|_| is_online) else {
        return harness.input(target.tab, 0, Input::SocketClosed { conn, code: Some(1006) });
    };
    harness.driver.last_link += 1;
    let number = harness.driver.last_link;
    harness.driver.server.accept(number, user(byte), harness.driver.phoenix);
    if let Some(open) = harness.tab(target.tab, target.life) {
        open.link = Some(Link { conn, number });
    }
    harness.input(target.tab, 0, Input::SocketOpened { conn });
}

fn send(harness: &mut Harness<Bed>, target: Target, conn: ConnId, text: &str) {
    let open = harness.tab(target.tab, target.life);
    let Some(link) = open.and_then(|it| it.link).filter(|it| it.conn == conn) else { return };
    let is_name = |part: &&str| part.chars().all(|it| it.is_uppercase() || it == '_');
    let name = text.split('"').find(|part| part.len() > 3 && is_name(part)).unwrap_or("control");
    let record = harness.driver.records.get_mut(&target.tab).unwrap();
    record.steps.push(format!("send {name}"));
    if record.is_link_dead {
        return;
    }
    let now = harness.wall();
    let deliveries = harness.driver.server.receive(link.number, text, now);
    deliver(harness, text, deliveries);
}

fn deliver(harness: &mut Harness<Bed>, request: &str, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        match delivery {
            Delivery::Frame { link, text } => {
                if let Some((tab, conn)) = client_of(harness, link) {
                    harness.input(tab, 0, Input::FrameReceived { conn, text });
                }
            }
            Delivery::Broadcast { link, text } => {
                if let Some((tab, conn)) = client_of(harness, link)
                    && !harness.driver.records[&tab].loses_broadcasts
                {
                    harness.input(tab, 0, Input::FrameReceived { conn, text });
                }
            }
            Delivery::Job { job: Job::ChangesPage(_), .. }
                if harness.driver.behavior == ServerBehavior::SilentChanges => {}
            Delivery::Job { link, job } => match execute(harness, link, request, job) {
                Some(result) => {
                    let now = harness.wall();
                    let deliveries = harness.driver.server.finish(link, result, now);
                    deliver(harness, request, deliveries);
                }
                None => return fail(harness, link),
            },
            Delivery::Close { link } => panic!("the server closed connection {link}"),
        }
    }
}

/// The tab at the other end of a connection.
fn client_of(harness: &Harness<Bed>, link: u64) -> Option<(TabId, ConnId)> {
    harness.devices.iter().enumerate().find_map(|(device, it)| {
        it.open_tabs().find_map(|(tab, open)| {
            let link = open.link.filter(|it| it.number == link)?;
            Some((TabId::new(device, tab), link.conn))
        })
    })
}

/// What the storage replies; `None` if the server fails before it can reply.
fn execute(harness: &mut Harness<Bed>, link: u64, request: &str, job: Job) -> Option<JobResult> {
    let now = harness.wall();
    let driver = &mut harness.driver;
    let user_id = driver.server.user_of(link)?;
    match (&job, driver.behavior.clone()) {
        (Job::ChangesPage(_), ServerBehavior::UnavailableChanges)
        | (Job::Append(_), ServerBehavior::Unavailable) => {
            Some(JobResult::Failed(JobError::Unavailable))
        }
        (Job::Append(_), ServerBehavior::RejectsBatches(text, error))
            if request.contains(&text) =>
        {
            Some(JobResult::Appended(Err(error)))
        }
        (
            Job::Append(_),
            ServerBehavior::CrashesAfterCommit | ServerBehavior::ClosesAfterCommit(_),
        ) => {
            driver.server.execute(user_id, job, now);
            None
        }
        (Job::Append(_), ServerBehavior::ChannelCrashes)
        | (Job::ChangesPage(_), ServerBehavior::CrashesOnChanges) => None,
        (Job::Append(_), ServerBehavior::CrashesOnBatches(text)) if request.contains(&text) => None,
        (Job::Head | Job::ChangesPage(_) | Job::Append(_), _) => {
            Some(driver.server.execute(user_id, job, now))
        }
    }
}

/// The server fails instead of a reply.
fn fail(harness: &mut Harness<Bed>, link: u64) {
    let Some((tab, _)) = client_of(harness, link) else { return };
    if let ServerBehavior::ClosesAfterCommit(code) = harness.driver.behavior {
        harness.driver.behavior = ServerBehavior::Normal;
        close(harness, tab, code);
    } else if matches!(
        harness.driver.behavior,
        ServerBehavior::ChannelCrashes
            | ServerBehavior::CrashesOnBatches(_)
            | ServerBehavior::CrashesOnChanges
    ) {
        if harness.driver.behavior == ServerBehavior::ChannelCrashes {
            harness.driver.behavior = ServerBehavior::Normal;
        }
        let effects = harness.driver.server.phoenix(link).unwrap().crash();
        let deliveries = harness.driver.server.deliver(link, effects);
        deliver(harness, "", deliveries);
    } else {
        set_online(harness, tab.device, false);
    }
}

impl Driver for Bed {
    type Link = Link;
    type Event = ();

    const PEER_DELAY_MS: u64 = 0;
    const LOCK_DELAY_MS: u64 = 0;
    const KEEPS_HISTORY: bool = false;

    fn event(_harness: &mut Harness<Self>, (): ()) {}

    fn network(harness: &mut Harness<Self>, tab: TabId, life: u64, request: NetworkRequest) {
        let target = Target { tab, life };
        match request {
            NetworkRequest::Connect { conn, token } => connect(harness, target, conn, &token),
            NetworkRequest::Send { conn, text } => send(harness, target, conn, &text),
            NetworkRequest::Close { conn } => {
                let open = harness.tab(tab, life);
                let link = open.and_then(|it| it.link.take_if(|link| link.conn == conn));
                if let Some(link) = link {
                    harness.driver.server.close(link.number);
                }
            }
            NetworkRequest::Http(call) => {
                harness.driver.records.get_mut(&tab).unwrap().http.push(call);
            }
        }
    }

    fn before_step(harness: &mut Harness<Self>, tab: TabId, step: &Step) {
        let record = harness.driver.records.get_mut(&tab).unwrap();
        #[expect(clippy::wildcard_enum_match_arm, reason = "only these steps are recorded")]
        match step {
            Step::Storage(_) => record.steps.push("store".to_owned()),
            Step::Remember { .. } => (),
            Step::Display(Display::Page) => record.steps.push("render".to_owned()),
            Step::Display(Display::Download { text }) => record.downloads.push(text.clone()),
            Step::PostToPeers(message) => harness.driver.peer_messages.push(*message),
            _ => (),
        }
    }

    fn accepts_write(harness: &mut Harness<Self>, tab: TabId, key: &str) -> bool {
        let is_refused = harness.driver.refused_key.as_ref().is_some_and(|it| key.contains(it));
        !harness.driver.is_full[tab.device] && !is_refused
    }

    fn database_latency(
        harness: &mut Harness<Self>,
        tab: TabId,
        request: &DatabaseRequest,
    ) -> Latency {
        use DatabaseRequest::{LoadCache, ReadArchive, ReadDurableCopy, WriteDurableCopy};

        match (harness.driver.databases[tab.device], request) {
            (
                Database::SilentDurableRead
                | Database::SilentDurableCopy
                | Database::SilentReadRefusedWrites,
                ReadDurableCopy,
            )
            | (Database::SilentDurableCopy | Database::HangingWrites, WriteDurableCopy(_))
            | (Database::SilentArchive, ReadArchive(_))
            | (Database::SilentCache, LoadCache { .. }) => Latency::Silent,
            (Database::LostWriteReplies, WriteDurableCopy(_)) => Latency::NoReply { execute_ms: 0 },
            (Database::Refused, ReadDurableCopy | WriteDurableCopy(_))
            | (Database::SilentReadRefusedWrites, WriteDurableCopy(_))
            | (Database::RefusedArchive, ReadArchive(_)) => Latency::Refused { after_ms: 0 },
            _ => Latency::NONE,
        }
    }

    fn tab_killed(harness: &mut Harness<Self>, _tab: TabId, link: Option<Link>) {
        if let Some(link) = link {
            harness.driver.server.close(link.number);
        }
    }
}
