//! What happens when its time comes, and what the network makes of a frame.

use wizitime::app::Secret;
use wizitime::app::input::{Input, PageEvent};
use wizitime::features::{AccountIntent, Intent};
use wizitime_domain::{EpochId, EventId};
use wizitime_hub::{Head, Job, JobError, JobResult, Session, SessionEffect};
use wizitime_protocol::phoenix::ConnId;

use super::{FOR_GOOD_MS, Happening, Place, World};
use crate::device::Tab;
use crate::faults::Fault;
use crate::mirror;
use crate::versions;

/// When people whose device slept until the faults ended look at it.
const SIGN_IN_AGAIN_MS: u64 = 60_000;

impl World {
    pub(super) fn happen(&mut self, happening: Happening) {
        if let Some(until_ms) = self.frozen_until(&happening) {
            // In the order in which it came.
            return self.schedule(until_ms - self.now_ms, happening);
        }
        match happening {
            Happening::Input { place, life, input } => {
                self.trace.note(self.now_ms, || format!("{place:?} hears {}", name(&input)));
                self.feed(place, life, *input);
            }
            Happening::Wake { place, life, at } => {
                let now_ms = self.now_ms;
                let Some(tab) = self.tab(place, life).filter(|tab| tab.timer_ms == Some(at)) else {
                    return;
                };
                tab.timer_ms = None;
                if tab.wake_ms.take_if(|wake_ms| *wake_ms <= now_ms).is_some() {
                    self.feed(place, life, Input::TimerFired);
                } else {
                    self.set_timer(place, life);
                }
            }
            Happening::Opened { place, life, conn, link, token } => {
                self.opened(place, life, conn, link, &token);
            }
            Happening::ToServer { link, text } => self.frame_for_server(link, &text),
            Happening::ToClient { place, life, conn, link, text } => {
                if self.tab(place, life).is_some_and(|tab| tab.conn == Some((conn, link))) {
                    self.trace.note(self.now_ms, || format!("{place:?} gets {text}"));
                    self.feed(place, life, Input::FrameReceived { conn, text });
                }
            }
            Happening::Mirror { place, life, write } => {
                if self.tab(place, life).is_some() {
                    let keys = write.puts.iter().chain(&write.archive_puts).map(|(key, _)| key);
                    let ids = keys
                        .filter_map(|key| key.rsplit(['.', '/']).next()?.parse::<EventId>().ok());
                    self.recorded.on_disk.extend(ids);
                    // What was given up when localStorage was cleared may be safe after all.
                    for (key, text) in &write.puts {
                        self.witness(key, text);
                    }
                    let device = &mut self.devices[place.0];
                    let input = mirror::change(&mut device.mirror, &mut device.archive, write);
                    self.trace.note(self.now_ms, || format!("{place:?} hears {input:?}"));
                    self.feed(place, life, input);
                }
            }
            Happening::JobDone { link, job } => self.job_done(link, *job),
            Happening::Act { device } => self.act(device),
            Happening::Open { place } => self.open(place),
            Happening::Kill { place } => self.kill(place),
            Happening::Evening { device, until_ms } => self.evening(device, until_ms),
            Happening::Freeze { place, for_ms } => {
                if let Some(tab) = self.devices[place.0].tabs[place.1].as_mut() {
                    tab.frozen_until_ms = tab.frozen_until_ms.max(self.now_ms + for_ms);
                    // With the faults end all but the last of them.
                    if tab.frozen_until_ms < FOR_GOOD_MS {
                        tab.frozen_until_ms = tab.frozen_until_ms.min(self.trouble_ms);
                    }
                    self.trace.note(self.now_ms, || format!("{place:?} freezes for {for_ms} ms"));
                }
            }
            Happening::Network { device, online } => self.network(device, online),
            Happening::Backup => self.server.backup = Some(self.server.log.clone()),
            Happening::Restore => self.restore(),
            Happening::Mischief { device, what } => self.mischief(device, what),
            Happening::ServerUp => self.server.up = true,
            Happening::SignIn { device } => self.sign_in(device),
            Happening::Calm => self.calm_down(),
        }
    }

    /// Until when what happens has to wait, because it happens to a tab that is frozen.
    fn frozen_until(&self, happening: &Happening) -> Option<u64> {
        let (Happening::Input { place, life, .. }
        | Happening::Wake { place, life, .. }
        | Happening::Opened { place, life, .. }
        | Happening::ToClient { place, life, .. }
        | Happening::Mirror { place, life, .. }) = happening
        else {
            return None;
        };
        let tab = self.devices[place.0].tabs[place.1].as_ref();
        let tab = tab.filter(|tab| tab.life == *life && tab.frozen_until_ms > self.now_ms);
        tab.map(|tab| tab.frozen_until_ms)
    }

    /// The server starts anew on its backup, under a new epoch.
    fn restore(&mut self) {
        let Some(backup) = self.server.backup.take() else { return };
        let epoch = EpochId::from_bytes(self.rng.uuid_v7(self.server_time()));
        let Head { epoch: old, cursor: end } = backup.head(self.user_id);
        self.trace.note(self.now_ms, || format!("the server is restored to {end}"));
        self.server.log = backup.with_epoch(epoch);
        self.server.was_restored = true;
        let kept = self.server.commits.range((old, 0)..=(old, end));
        let kept = kept.map(|((_, cursor), ledger)| ((epoch, *cursor), ledger.clone()));
        let kept: Vec<_> = kept.collect();
        self.server.commits.extend(kept);
        self.crash_server();
        let (log, user_id) = (&self.server.log, self.user_id);
        self.recorded.forget_without_copy(&self.devices, log, user_id);
    }

    fn network(&mut self, device: usize, online: bool) {
        if self.calm && !online {
            return;
        }
        self.trace.note(self.now_ms, || format!("device {device} online: {online}"));
        self.devices[device].online = online;
        for tab in 0..self.devices[device].tabs.len() {
            if !online {
                self.cut((device, tab));
            }
            let change = if online { PageEvent::Online } else { PageEvent::Offline };
            self.input((device, tab), 1, Input::Page(change));
        }
        if !online {
            let after_ms = self.rng.below(180_000);
            self.schedule(after_ms, Happening::Network { device, online: true });
        }
    }

    /// The faults end: everybody has a network, the server is up, all tabs are open.
    fn calm_down(&mut self) {
        self.calm = true;
        self.server.up = true;
        self.server.revoked.clear();
        for device in 0..self.devices.len() {
            self.network(device, true);
            for tab in 0..self.devices[device].tabs.len() {
                self.open((device, tab));
            }
            self.sign_in(device);
            // Who slept until now hears only then of having been signed out.
            self.schedule(SIGN_IN_AGAIN_MS, Happening::SignIn { device });
        }
    }

    /// Guests sign in at last, and whoever was signed out; the other tabs have to follow.
    fn sign_in(&mut self, device: usize) {
        let is_out = |tab: &Tab| tab.client.state().session.active().is_none();
        let tabs = self.devices[device].tabs.iter().enumerate();
        let out = tabs.filter_map(|(tab, it)| Some((it.as_ref().filter(|it| is_out(it))?, tab)));
        if let Some((_, tab)) = out.min_by_key(|(it, _)| it.frozen_until_ms) {
            let password = Secret("secret".to_owned());
            let email = "someone@example.org".to_owned();
            let intent = Intent::Account(AccountIntent::SignIn { email, password });
            self.input((device, tab), 10, Input::User(intent));
        }
    }

    fn opened(&mut self, place: Place, life: u64, conn: ConnId, link: u64, token: &str) {
        let online = self.server.up && self.devices[place.0].online;
        let user_id = self.user_id;
        let welcome = online && !self.server.revoked.contains(token);
        if self.tab(place, life).is_none_or(|tab| tab.conn != Some((conn, link))) {
            return;
        }
        if welcome {
            self.server.sessions.insert(link, Session::new(user_id, "simulated"));
            self.feed(place, life, Input::SocketOpened { conn });
        } else {
            self.feed(place, life, Input::SocketClosed { conn, code: Some(1006) });
        }
    }

    /// The link of a tab breaks. Its client hears of it now, or only by the silence.
    pub(super) fn cut(&mut self, place: Place) {
        let Some(tab) = &mut self.devices[place.0].tabs[place.1] else { return };
        let Some((conn, link)) = tab.conn else { return };
        self.server.sessions.remove(&link);
        if !self.strikes(Fault::Silent) {
            let after_ms = self.rng.below(500);
            self.input(place, after_ms, Input::SocketClosed { conn, code: Some(1006) });
        }
    }

    /// The server's process dies and is started again.
    fn crash_server(&mut self) {
        self.trace.note(self.now_ms, || "the server crashes".to_owned());
        self.server.up = false;
        self.server.sessions.clear();
        for device in 0..self.devices.len() {
            for tab in 0..self.devices[device].tabs.len() {
                self.cut((device, tab));
            }
        }
        let after_ms = 100 + self.rng.below(20_000);
        self.schedule(after_ms, Happening::ServerUp);
    }

    pub(super) fn send_to_server(&mut self, place: Place, life: u64, conn: ConnId, text: String) {
        let Some(tab) = self.tab(place, life) else { return };
        let Some((_, link)) = tab.conn.filter(|(ours, _)| *ours == conn) else { return };
        if self.strikes(Fault::Cut) {
            self.cut(place);
            return;
        }
        for after_ms in self.travels(link, true) {
            self.schedule(after_ms, Happening::ToServer { link, text: text.clone() });
        }
    }

    /// When the copies of a frame arrive: usually one, a little later, in order.
    fn travels(&mut self, link: u64, to_server: bool) -> Vec<u64> {
        if self.strikes(Fault::Drop) {
            return Vec::new();
        }
        let copies = if self.strikes(Fault::Duplicate) { 2 } else { 1 };
        let mut after = Vec::new();
        for _ in 0..copies {
            let slow = self.strikes(Fault::Delay);
            let mut after_ms = 1 + self.rng.below(if slow { 8_000 } else { 60 });
            if !self.strikes(Fault::Reorder) {
                let last = self.arrivals.get(&(link, to_server)).copied().unwrap_or(0);
                after_ms = after_ms.max((last + 1).saturating_sub(self.now_ms));
                self.arrivals.insert((link, to_server), self.now_ms + after_ms);
            }
            after.push(after_ms);
        }
        after
    }

    fn frame_for_server(&mut self, link: u64, text: &str) {
        let now = self.server_time();
        let is_older = self.server.speaks_older && !self.calm;
        let older = is_older.then(|| versions::unknown_to_older(text));
        let text = older.as_deref().unwrap_or(text);
        let Some(session) = self.server.sessions.get_mut(&link) else { return };
        let effects = session.receive(text, now);
        self.trace.note(self.now_ms, || format!("server gets {text} on {link}"));
        self.serve(link, effects);
    }

    /// A job's time has come: it fails, or the server dies before it, or after it, or it succeeds.
    fn job_done(&mut self, link: u64, job: Job) {
        if !self.server.sessions.contains_key(&link) {
            return;
        }
        let writes = matches!(job, Job::Append(_));
        if writes && self.strikes(Fault::CrashBeforeCommit) {
            self.crash_server();
            return;
        }
        let result = if self.strikes(Fault::Unavailable) {
            JobResult::Failed(JobError::Unavailable)
        } else {
            self.server.answer(self.user_id, job)
        };
        if writes && self.strikes(Fault::CrashAfterCommit) {
            self.crash_server();
            return;
        }
        let now = self.server_time();
        if let Some(session) = self.server.sessions.get_mut(&link) {
            let effects = session.job_finished(result, now);
            self.serve(link, effects);
        }
    }

    fn serve(&mut self, link: u64, effects: Vec<SessionEffect>) {
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => self.send_to_client(link, &text),
                SessionEffect::Run(job) => {
                    let after_ms = self.rng.below(15);
                    self.schedule(after_ms, Happening::JobDone { link, job: Box::new(job) });
                }
                SessionEffect::Broadcast(news) => {
                    let others: Vec<u64> =
                        self.server.sessions.keys().copied().filter(|it| *it != link).collect();
                    for other in others {
                        let effect = self.server.sessions[&other].broadcast(&news);
                        if let Some(SessionEffect::Send(text)) = effect
                            && !self.strikes(Fault::Deaf)
                        {
                            self.send_to_client(other, &text);
                        }
                    }
                }
                SessionEffect::PushReceived { .. } | SessionEffect::PushReplied { .. } => (),
                SessionEffect::Close(_) => {
                    self.server.sessions.remove(&link);
                    if let Some(place) = self.owner_of(link) {
                        self.cut(place);
                    }
                }
            }
        }
    }

    fn send_to_client(&mut self, link: u64, text: &str) {
        let Some(place) = self.owner_of(link) else { return };
        let Some(tab) = &self.devices[place.0].tabs[place.1] else { return };
        let (life, Some((conn, _))) = (tab.life, tab.conn) else { return };
        if self.strikes(Fault::Cut) {
            self.cut(place);
            return;
        }
        let newer = self.server.speaks_newer.then(|| versions::said_by_newer(text));
        let text = newer.as_deref().unwrap_or(text);
        for after_ms in self.travels(link, false) {
            let text = text.to_owned();
            self.schedule(after_ms, Happening::ToClient { place, life, conn, link, text });
        }
    }

    fn owner_of(&self, link: u64) -> Option<Place> {
        self.devices.iter().enumerate().find_map(|(device, it)| {
            let owns = |tab: &Option<crate::device::Tab>| {
                tab.as_ref().and_then(|tab| tab.conn).is_some_and(|(_, ours)| ours == link)
            };
            it.tabs.iter().position(owns).map(|tab| (device, tab))
        })
    }
}

/// An input's name without what it carries.
fn name(input: &Input) -> String {
    let text = format!("{input:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}
