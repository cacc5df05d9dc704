//! A few tabs and a server on one desk: frames arrive at once, time passes when told to.

use std::collections::BTreeMap;

use wizitime::app::Core;
use wizitime::app::Moment;
use wizitime::app::effect::{CacheWrite, DurableWrite, Effect, HttpCall};
use wizitime::app::input::{CacheSnapshot, EmbedConfig, Input, PeerMessage, StartupData};
use wizitime::features::{Intent, TimerIntent};
use wizitime::features::{SyncBadge, select_status};
use wizitime::store::slices::session::Account;
use wizitime::sync::StorageKey;
use wizitime_domain::{
    DeviceId, Entity, EntityKey, EpochId, FixedOffset, IdSource, TimeEntry, Timestamp, UserId,
    WriterId, Zone,
};
use wizitime_hub::{Job, JobError, JobResult, MemoryLog, SessionEffect};
use wizitime_protocol::messages::{BulkError, user_topic};
use wizitime_protocol::phoenix::{ConnId, MonoTime};

use crate::phoenix::{End, Phoenix, Version};

/// 2026-03-02T09:00:00Z, a Monday.
pub(crate) const NINE_MS: i64 = 1_772_442_000_000;

/// What a browser profile keeps.
pub(crate) struct Disk {
    pub(crate) stored: BTreeMap<String, String>,
    pub(crate) cache: Option<(EpochId, u64, BTreeMap<EntityKey, Entity>)>,
    /// localStorage takes nothing more.
    pub(crate) full: bool,
    /// IndexedDB's mirror of the buffer; none if the browser refuses it.
    pub(crate) mirror: Option<BTreeMap<String, String>>,
    /// What was acknowledged lately.
    pub(crate) archive: BTreeMap<String, String>,
    pub(crate) pace: Pace,
}

/// What of the mirror answers only after the story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Swift,
    SlowToRead,
    /// What was acknowledged is slow to read.
    SlowArchive,
    Slow,
    /// The snapshot cache never answers a read.
    SilentCache,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            stored: BTreeMap::new(),
            cache: None,
            full: false,
            mirror: Some(BTreeMap::new()),
            archive: BTreeMap::new(),
            pace: Pace::Swift,
        }
    }
}

/// One tab.
pub(crate) struct Tab {
    pub(crate) client: Core,
    pub(crate) profile: usize,
    pub(crate) conn: Option<ConnId>,
    session: Option<End>,
    wake_at: Option<MonoTime>,
    /// Whether it holds the lock of the tab that sends.
    pub(crate) sends: bool,
    /// A frozen tab does nothing; what it missed comes when it goes on.
    missed: Option<Vec<Input>>,
    /// This tab alone does not reach the server.
    pub(crate) cut_off: bool,
    /// The link is dead, and nobody has noticed.
    pub(crate) link_is_dead: bool,
    /// How often it tried to connect.
    pub(crate) connects: usize,
    pub(crate) http: Vec<HttpCall>,
    pub(crate) downloads: Vec<String>,
    /// What the tab did, in order: `store`, `send EVENT`, `render`.
    pub(crate) log: Vec<String>,
}

/// How the server deals with the next BULK_EVENTs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    /// The database is away.
    Unavailable,
    /// Takes questions for news and never answers them.
    Mute,
    /// Has no news, but takes events.
    Tired,
    /// Commits, then dies before it can answer.
    DiesAfterCommit,
    /// Commits, ends the connection with this code instead of an answer, and is good again.
    ClosesAfterCommit(Option<u16>),
    /// The channel crashes over the batch; then all is good again.
    Crashes,
    /// Answers every batch that has this text in it with an error.
    ChokesOn(String, BulkError),
}

pub(crate) struct Desk {
    pub(crate) profiles: Vec<Disk>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) log: MemoryLog,
    /// The server is a Phoenix of this version instead of ours.
    pub(crate) phoenix: Option<Version>,
    pub(crate) mood: Mood,
    /// What the tabs of a profile said to each other.
    pub(crate) said: Vec<PeerMessage>,
    /// Whether each profile reaches the server.
    pub(crate) online: Vec<bool>,
    now_ms: u64,
    lives: u64,
}

pub(crate) fn user(byte: u8) -> UserId {
    UserId::from_bytes([byte; 16])
}

pub(crate) fn account(byte: u8) -> Account {
    Account {
        user_id: user(byte),
        email: format!("{byte}@example.org"),
        token: format!("token-{byte}"),
        channel: user_topic(user(byte)),
        hosted: false,
        expired: false,
    }
}

impl Desk {
    /// So many devices of one person, each with one tab, all signed in and online.
    pub(crate) fn with_devices(count: usize) -> Self {
        Self::on(None, count)
    }

    /// The same on a Phoenix of this version.
    pub(crate) fn on_phoenix(version: Version, count: usize) -> Self {
        Self::on(Some(version), count)
    }

    fn on(phoenix: Option<Version>, count: usize) -> Self {
        let mut desk = Self { phoenix, ..Self::empty() };
        for _ in 0..count {
            let profile = desk.add_profile(Some(&account(1)));
            desk.open(profile);
        }
        desk.wait(200);
        desk
    }

    pub(crate) fn empty() -> Self {
        Self {
            profiles: Vec::new(),
            tabs: Vec::new(),
            log: MemoryLog::new(EpochId::from_bytes([9; 16])),
            phoenix: None,
            mood: Mood::Good,
            said: Vec::new(),
            online: Vec::new(),
            now_ms: 0,
            lives: 0,
        }
    }

    pub(crate) fn add_profile(&mut self, account: Option<&Account>) -> usize {
        let mut disk = Disk::default();
        if let Some(account) = account {
            let text = wizitime_domain::json::to_string(account);
            disk.stored.insert(StorageKey::Session.write(), text);
        }
        self.profiles.push(disk);
        self.online.push(true);
        self.profiles.len() - 1
    }

    /// Opens a tab; the first of a profile sends.
    pub(crate) fn open(&mut self, profile: usize) -> usize {
        self.lives += 1;
        let now = self.now();
        let life = u8::try_from(self.lives).unwrap();
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes([life; 16]),
            writer_id: WriterId::from_bytes([life; 16]),
            zone: Zone::utc(),
            embed: EmbedConfig::default(),
            stored: self.stored(profile),
        };
        let ids = IdSource::new([self.lives; 4]);
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = Core::start(startup, ids, zone, now);
        self.tabs.push(Tab {
            client,
            profile,
            conn: None,
            session: None,
            wake_at: None,
            sends: false,
            missed: None,
            cut_off: false,
            link_is_dead: false,
            connects: 0,
            http: Vec::new(),
            downloads: Vec::new(),
            log: Vec::new(),
        });
        let tab = self.tabs.len() - 1;
        self.perform(tab, effects);
        if self.tabs.iter().filter(|it| it.profile == profile).count() == 1 {
            self.give_lock(tab);
        }
        tab
    }

    fn give_lock(&mut self, tab: usize) {
        self.tabs[tab].sends = true;
        let stored = self.stored(self.tabs[tab].profile);
        self.feed(tab, Input::BecameLeader { stored });
    }

    fn take_lock(&mut self, tab: usize) {
        for other in self.peers(tab) {
            if std::mem::take(&mut self.tabs[other].sends) {
                self.feed(other, Input::LostLeadership);
            }
        }
        self.give_lock(tab);
    }

    /// The tab stops in the middle of its life, as a debugger or a sleeping phone stops it.
    pub(crate) fn freeze(&mut self, tab: usize) {
        self.tabs[tab].missed = Some(Vec::new());
    }

    /// It goes on, and hears what it missed.
    pub(crate) fn thaw(&mut self, tab: usize) {
        for input in self.tabs[tab].missed.take().into_iter().flatten() {
            self.feed(tab, input);
        }
    }

    /// It goes on, and has missed everything.
    pub(crate) fn resume(&mut self, tab: usize) {
        self.tabs[tab].missed = None;
    }

    /// The browser crashes before localStorage is on disk, and is started again.
    pub(crate) fn crash(&mut self, profile: usize) -> usize {
        self.profiles[profile].stored.retain(|key, _| !key.starts_with("wizi.event"));
        self.reopen(profile)
    }

    /// Closes all tabs of a profile and opens one anew on what its disk holds.
    pub(crate) fn reopen(&mut self, profile: usize) -> usize {
        self.tabs.retain(|tab| tab.profile != profile);
        self.open(profile)
    }

    pub(crate) fn stored(&self, profile: usize) -> Vec<(String, String)> {
        let stored = &self.profiles[profile].stored;
        stored.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn now(&self) -> Moment {
        let wall = Timestamp::saturating_from_ms(NINE_MS + self.now_ms as i64);
        // Jitter that differs from one moment to the next.
        let entropy = (self.now_ms + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
        Moment { wall, mono: MonoTime::from_ms(self.now_ms), entropy }
    }

    pub(crate) fn act(&mut self, tab: usize, intent: Intent) {
        self.feed(tab, Input::User(intent));
    }

    pub(crate) fn start(&mut self, tab: usize, description: &str) {
        let description = description.to_owned();
        self.act(
            tab,
            Intent::Timer(TimerIntent::Start { description, project_id: None, started_at: None }),
        );
    }

    /// Lets time pass; timers fire on the way.
    pub(crate) fn wait(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while let Some((tab, at)) = self.next_wake(until) {
            self.now_ms = self.now_ms.max(at);
            self.tabs[tab].wake_at = None;
            self.feed(tab, Input::TimerFired);
        }
        self.now_ms = until;
    }

    fn next_wake(&self, until: u64) -> Option<(usize, u64)> {
        let wakes = self.tabs.iter().enumerate().filter(|(_, it)| it.missed.is_none());
        let wakes = wakes.filter_map(|(tab, it)| it.wake_at.map(|at| (at.as_ms(), tab)));
        wakes.min().filter(|(at, _)| *at <= until).map(|(at, tab)| (tab, at))
    }

    pub(crate) fn feed(&mut self, tab: usize, input: Input) {
        if let Some(missed) = &mut self.tabs[tab].missed {
            return missed.push(input);
        }
        let now = self.now();
        let effects = self.tabs[tab].client.handle(input, now);
        self.perform(tab, effects);
    }

    /// The network of a profile goes or comes back.
    pub(crate) fn set_online(&mut self, profile: usize, online: bool) {
        self.online[profile] = online;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].profile != profile {
                continue;
            }
            if !online {
                self.close(tab, Some(1006));
            }
            if online {
                self.feed(tab, Input::Page(wizitime::app::input::PageEvent::Online));
            }
        }
    }

    /// The connection ends with this code.
    pub(crate) fn close(&mut self, tab: usize, code: Option<u16>) {
        if let Some(conn) = self.tabs[tab].conn.take() {
            self.tabs[tab].session = None;
            self.feed(tab, Input::SocketClosed { conn, code });
        }
    }

    /// The Phoenix at the other end of a tab's connection.
    pub(crate) fn phoenix(&mut self, tab: usize) -> &mut Phoenix {
        match self.tabs[tab].session.as_mut() {
            Some(End::Phoenix(phoenix)) => phoenix,
            Some(End::Ours(_)) | None => panic!("tab {tab} is connected to no Phoenix"),
        }
    }

    /// The server sends the tab a frame of its own making.
    pub(crate) fn say(&mut self, tab: usize, text: String) {
        let conn = self.tabs[tab].conn.unwrap();
        self.feed(tab, Input::FrameReceived { conn, text });
    }

    fn perform(&mut self, tab: usize, effects: Vec<Effect>) {
        let profile = self.tabs[tab].profile;
        let mut takes_lock = false;
        // What comes of the others is answered at once, and may ask to be woken sooner.
        for effect in &effects {
            if let Effect::WakeAt(at) = effect {
                self.tabs[tab].wake_at = Some(*at);
            }
        }
        for effect in effects {
            match effect {
                Effect::WriteStorage { key, value } => self.store(tab, key, value),
                Effect::MoveStorage { from, to, value } => {
                    let full = self.profiles[profile].full;
                    self.store(tab, to, value);
                    if !full && self.profiles[profile].stored.remove(&from).is_some() {
                        self.tell_peers(tab, &Input::PeerRemoved { key: from });
                    }
                }
                Effect::RemoveStorage { key } => {
                    if self.profiles[profile].stored.remove(&key).is_some() {
                        self.tell_peers(tab, &Input::PeerRemoved { key });
                    }
                }
                Effect::ReadStorage => {
                    let stored = self.stored(profile);
                    self.feed(tab, Input::StorageRead { stored });
                }
                Effect::ReadDurableCopy
                    if matches!(self.profiles[profile].pace, Pace::Slow | Pace::SlowToRead) => {}
                Effect::ReadArchive { .. } if self.profiles[profile].pace == Pace::SlowArchive => {}
                Effect::ReadDurableCopy => {
                    let disk = &self.profiles[profile];
                    let stored = disk.mirror.clone().map(|it| it.into_iter().collect());
                    self.feed(tab, Input::DurableCopyRead { stored });
                }
                Effect::WriteDurableCopy(write) => self.write_mirror(tab, write),
                Effect::ReadArchive { user_id } => {
                    let archived = self.profiles[profile].archive.clone().into_iter().collect();
                    self.feed(tab, Input::ArchiveRead { user_id, archived });
                }
                Effect::LoadCache { .. } if self.profiles[profile].pace == Pace::SilentCache => {}
                Effect::LoadCache { user_id } => {
                    let cache = self.profiles[profile].cache.clone();
                    let snapshot = cache.map(|(epoch, cursor, entities)| CacheSnapshot {
                        epoch,
                        cursor,
                        entities: entities.into_values().collect(),
                    });
                    self.feed(tab, Input::CacheLoaded { user_id, snapshot });
                }
                Effect::WriteCache(write) => {
                    let user_id = write.user_id;
                    if !self.profiles[profile].write_cache(write) {
                        self.feed(tab, Input::CacheOutdated { user_id });
                    }
                }
                Effect::ClearCache { .. } => self.profiles[profile].cache = None,
                Effect::Connect { conn, token } => self.connect(tab, conn, &token.0),
                Effect::Send { conn, text } => {
                    if self.tabs[tab].conn == Some(conn) {
                        self.send(tab, conn, &text);
                    }
                }
                Effect::CloseSocket { .. } => {
                    self.tabs[tab].conn = None;
                    self.tabs[tab].session = None;
                }
                Effect::Http(call) => self.tabs[tab].http.push(call),
                Effect::Download { text, .. } => self.tabs[tab].downloads.push(text),
                Effect::PostToPeers(message) => {
                    self.said.push(message);
                    self.tell_peers(tab, &Input::PeerMessageReceived(message));
                }
                Effect::TakeLeaderLock => takes_lock = true,
                Effect::Render(_) => self.tabs[tab].log.push("render".to_owned()),
                Effect::WakeAt(_) | Effect::ActivateUpdate | Effect::RequestPersistence => (),
            }
        }
        // A lock is never granted at once.
        if takes_lock {
            self.take_lock(tab);
        }
    }

    fn write_mirror(&mut self, tab: usize, write: DurableWrite) {
        let disk = &mut self.profiles[self.tabs[tab].profile];
        if disk.pace == Pace::Slow {
            return;
        }
        let Some(mirror) = &mut disk.mirror else {
            return self.feed(tab, Input::DurableCopyFailed);
        };
        let input = crate::mirror::change(mirror, &mut disk.archive, write);
        self.feed(tab, input);
    }

    fn store(&mut self, tab: usize, key: String, value: String) {
        let profile = self.tabs[tab].profile;
        if self.profiles[profile].full {
            self.feed(tab, Input::StorageWriteFailed { keys: vec![key] });
            return;
        }
        self.tabs[tab].log.push("store".to_owned());
        self.profiles[profile].stored.insert(key.clone(), value.clone());
        self.tell_peers(tab, &Input::PeerStored { key, value });
    }

    fn tell_peers(&mut self, tab: usize, input: &Input) {
        for peer in self.peers(tab) {
            self.feed(peer, input.clone());
        }
    }

    /// The other tabs of the profile.
    fn peers(&self, tab: usize) -> Vec<usize> {
        let profile = self.tabs[tab].profile;
        let others = (0..self.tabs.len()).filter(|other| *other != tab);
        others.filter(|other| self.tabs[*other].profile == profile).collect()
    }

    fn connect(&mut self, tab: usize, conn: ConnId, token: &str) {
        let user = token.strip_prefix("token-").and_then(|byte| byte.parse::<u8>().ok());
        let it = &mut self.tabs[tab];
        it.connects += 1;
        it.link_is_dead = false;
        match user.filter(|_| self.online[it.profile] && !it.cut_off) {
            Some(byte) => {
                self.tabs[tab].conn = Some(conn);
                self.tabs[tab].session = Some(End::new(self.phoenix, self::user(byte)));
                self.feed(tab, Input::SocketOpened { conn });
            }
            None => self.feed(tab, Input::SocketClosed { conn, code: Some(1006) }),
        }
    }

    fn send(&mut self, tab: usize, conn: ConnId, text: &str) {
        let event = text
            .split('"')
            .find(|part| part.chars().all(|it| it.is_uppercase() || it == '_') && part.len() > 3);
        let event = event.unwrap_or("control").to_owned();
        self.tabs[tab].log.push(format!("send {event}"));
        if self.tabs[tab].link_is_dead {
            return;
        }
        let now = self.now().wall;
        let Some(session) = self.tabs[tab].session.as_mut() else { return };
        let effects = session.receive(text, now);
        self.serve(tab, conn, text, effects);
    }

    fn serve(&mut self, tab: usize, conn: ConnId, text: &str, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.feed(tab, Input::FrameReceived { conn, text }),
                SessionEffect::Run(Job::ChangesPage(_)) if self.mood == Mood::Mute => (),
                SessionEffect::Run(job) => {
                    let Some(result) = self.execute(tab, text, job) else {
                        return self.fail(tab, conn);
                    };
                    let now = self.now().wall;
                    let Some(session) = self.tabs[tab].session.as_mut() else { return };
                    let effects = session.job_finished(result, now);
                    self.serve(tab, conn, text, effects);
                }
                SessionEffect::Broadcast(news) => {
                    for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                        let session = self.tabs[other].session.as_ref();
                        let heard = session.and_then(|session| session.broadcast(&news));
                        if let (Some(SessionEffect::Send(text)), Some(conn)) =
                            (heard, self.tabs[other].conn)
                        {
                            self.feed(other, Input::FrameReceived { conn, text });
                        }
                    }
                }
                SessionEffect::PushReceived { .. } | SessionEffect::PushReplied { .. } => (),
                SessionEffect::Close(code) => panic!("the server closed with {code:?}"),
            }
        }
    }

    /// The server does not get as far as an answer.
    fn fail(&mut self, tab: usize, conn: ConnId) {
        if let Mood::ClosesAfterCommit(code) = self.mood {
            self.mood = Mood::Good;
            self.close(tab, code);
        } else if self.mood == Mood::Crashes {
            self.mood = Mood::Good;
            let effects = self.phoenix(tab).crash();
            self.serve(tab, conn, "", effects);
        } else {
            self.set_online(self.tabs[tab].profile, false);
        }
    }

    /// None if the server dies.
    fn execute(&mut self, tab: usize, text: &str, job: Job) -> Option<JobResult> {
        let token = self.tabs[tab].client.state().session.account()?.user_id;
        match job {
            Job::Head => Some(JobResult::Head(self.log.head(token))),
            Job::ChangesPage(_) if self.mood == Mood::Tired => {
                Some(JobResult::Failed(JobError::Unavailable))
            }
            Job::ChangesPage(request) => {
                Some(JobResult::ChangesPage(self.log.changes_page(token, &request)))
            }
            Job::Append(batch) => match self.mood.clone() {
                Mood::Unavailable => Some(JobResult::Failed(JobError::Unavailable)),
                Mood::ChokesOn(what, error) if text.contains(&what) => {
                    Some(JobResult::Appended(Err(error)))
                }
                Mood::DiesAfterCommit | Mood::ClosesAfterCommit(_) => {
                    self.log.append(token, batch).unwrap();
                    None
                }
                Mood::Crashes => None,
                Mood::Good | Mood::Mute | Mood::Tired | Mood::ChokesOn(..) => {
                    Some(JobResult::Appended(self.log.append(token, batch)))
                }
            },
        }
    }

    /// The entries that a tab shows: `description start–end`, minutes after nine, oldest first.
    pub(crate) fn shown(&self, tab: usize) -> Vec<String> {
        let ledger = self.tabs[tab].client.state().ledger.shown();
        ledger.entries().filter(|entry| !entry.deleted).map(|entry| tell(entry)).collect()
    }

    pub(crate) fn attention(&self, tab: usize) -> SyncBadge {
        select_status(self.tabs[tab].client.state()).badge
    }

    pub(crate) fn waiting(&self, tab: usize) -> usize {
        self.tabs[tab].client.state().events.waiting_count()
    }

    /// How many events the server has.
    pub(crate) fn logged(&self) -> usize {
        self.log.events(user(1)).len()
    }
}

fn tell(entry: &TimeEntry) -> String {
    let minutes = |at: Timestamp| (at.as_ms() - NINE_MS) / 60_000;
    let end = entry.stop.map_or(String::new(), |stop| minutes(stop.at).to_string());
    format!("{} {}–{end}", entry.description, minutes(entry.started_at))
}

impl Disk {
    /// Whether the changes fit.
    fn write_cache(&mut self, write: CacheWrite) -> bool {
        let extent = self.cache.as_ref().map(|(epoch, cursor, _)| (*epoch, *cursor));
        if write.base.is_some() && write.base != extent {
            return false;
        }
        let (epoch, cursor, entities) =
            self.cache.get_or_insert_with(|| (write.epoch, 0, BTreeMap::new()));
        if write.base.is_none() {
            entities.clear();
        }
        (*epoch, *cursor) = (write.epoch, write.cursor);
        entities.extend(write.entities.into_iter().map(|entity| (entity.key(), entity)));
        true
    }
}
