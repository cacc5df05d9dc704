//! A fake server: the real hub, or a Phoenix of another version, over a log in memory.

use std::collections::{BTreeMap, BTreeSet};

use wizitime_domain::{EpochId, EventId, Ledger, Timestamp, UserId};
use wizitime_hub::{Broadcast, Head, Job, JobResult, MemoryLog, Session, SessionEffect};
use wizitime_protocol::messages::{ChangesPageRequest, PAGE_ENTITIES_MAX};

use crate::phoenix::{Phoenix, Version};

/// The server's end of a connection.
#[derive(Clone, Debug)]
enum Endpoint {
    Hub(Session),
    Phoenix(Box<Phoenix>),
}

/// What the server does with a connection.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// A frame for this connection.
    Frame { link: u64, text: String },
    /// A broadcast for this connection.
    Broadcast { link: u64, text: String },
    /// The storage has to do something for this connection.
    Job { link: u64, job: Job },
    /// The server closes this connection.
    Close { link: u64 },
}

/// The server's process and its disk. The log survives every crash.
#[derive(Clone, Debug)]
pub struct FakeServer {
    pub log: MemoryLog,
    pub is_up: bool,
    /// The tokens that it refuses.
    pub revoked: BTreeSet<String>,
    /// The log as it was when it was backed up.
    pub backup: Option<MemoryLog>,
    pub was_restored: bool,
    /// The account's data at every commit of every epoch.
    pub commits: BTreeMap<(EpochId, u64), Ledger>,
    /// The events that it ever rejected.
    pub rejected: BTreeSet<EventId>,
    /// The most entities on one changes page.
    pub page_max: usize,
    /// Whether it sends more than this version of the app knows.
    pub speaks_newer: bool,
    /// Whether it does not know the newest events.
    pub speaks_older: bool,
    connections: BTreeMap<u64, (UserId, Endpoint)>,
}

impl FakeServer {
    /// A server with an empty log.
    pub fn new(epoch: EpochId) -> Self {
        Self {
            log: MemoryLog::new(epoch),
            is_up: true,
            revoked: BTreeSet::new(),
            backup: None,
            was_restored: false,
            commits: BTreeMap::from([((epoch, 0), Ledger::default())]),
            rejected: BTreeSet::new(),
            page_max: PAGE_ENTITIES_MAX,
            speaks_newer: false,
            speaks_older: false,
            connections: BTreeMap::new(),
        }
    }

    /// Accepts a connection of a user, as our own server or as a Phoenix of this version.
    pub fn accept(&mut self, link: u64, user_id: UserId, phoenix: Option<Version>) {
        let endpoint = match phoenix {
            None => Endpoint::Hub(Session::new(user_id, "fake")),
            Some(version) => Endpoint::Phoenix(Box::new(Phoenix::new(version, user_id))),
        };
        self.connections.insert(link, (user_id, endpoint));
    }

    /// Forgets a connection.
    pub fn close(&mut self, link: u64) {
        self.connections.remove(&link);
    }

    /// Forgets all connections, as a crash does.
    pub fn close_all(&mut self) {
        self.connections.clear();
    }

    pub fn is_connected(&self, link: u64) -> bool {
        self.connections.contains_key(&link)
    }

    /// The Phoenix at the other end of a connection.
    pub fn phoenix(&mut self, link: u64) -> Option<&mut Phoenix> {
        match self.connections.get_mut(&link) {
            Some((_, Endpoint::Phoenix(phoenix))) => Some(phoenix),
            Some((_, Endpoint::Hub(_))) | None => None,
        }
    }

    /// A frame arrives on a connection.
    pub fn receive(&mut self, link: u64, text: &str, now: Timestamp) -> Vec<Delivery> {
        let effects = match self.connections.get_mut(&link) {
            Some((_, Endpoint::Hub(session))) => session.receive(text, now),
            Some((_, Endpoint::Phoenix(phoenix))) => phoenix.receive(text, now),
            None => Vec::new(),
        };
        self.deliver(link, effects)
    }

    /// The storage has done the job of a connection.
    pub fn finish(&mut self, link: u64, result: JobResult, now: Timestamp) -> Vec<Delivery> {
        let effects = match self.connections.get_mut(&link) {
            Some((_, Endpoint::Hub(session))) => session.job_finished(result, now),
            Some((_, Endpoint::Phoenix(phoenix))) => phoenix.job_finished(result, now),
            None => Vec::new(),
        };
        self.deliver(link, effects)
    }

    /// What the effects of a connection's session mean for all connections.
    pub fn deliver(&self, link: u64, effects: Vec<SessionEffect>) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for effect in effects {
            match effect {
                SessionEffect::Send(text) => deliveries.push(Delivery::Frame { link, text }),
                SessionEffect::Run(job) => deliveries.push(Delivery::Job { link, job }),
                SessionEffect::Broadcast(change) => {
                    let others = self.connections.iter().filter(|(other, _)| **other != link);
                    let texts = others.filter_map(|(other, (_, endpoint))| {
                        Some(Delivery::Broadcast {
                            link: *other,
                            text: endpoint.broadcast(&change)?,
                        })
                    });
                    deliveries.extend(texts);
                }
                SessionEffect::PushReceived { .. } | SessionEffect::PushReplied { .. } => (),
                SessionEffect::Close(_) => deliveries.push(Delivery::Close { link }),
            }
        }
        deliveries
    }

    /// The user of a connection.
    pub fn user_of(&self, link: u64) -> Option<UserId> {
        self.connections.get(&link).map(|(user_id, _)| *user_id)
    }

    /// What the storage replies to a job at this time of the server's clock.
    pub fn execute(&mut self, user_id: UserId, job: Job, now: Timestamp) -> JobResult {
        match job {
            Job::Head => JobResult::Head(self.log.head(user_id)),
            Job::ChangesPage(request) => {
                let limit = request.limit.min(self.page_max);
                let request = ChangesPageRequest { limit, ..request };
                JobResult::ChangesPage(self.log.changes_page(user_id, &request))
            }
            Job::Append(batch) => {
                let result = self.log.append(user_id, batch, now);
                self.rejected.extend(result.as_ref().err().and_then(|error| error.id));
                if let Ok(commit) = &result {
                    let epoch = self.log.head(user_id).epoch;
                    self.commits.insert((epoch, commit.cursor), self.log.ledger(user_id));
                }
                JobResult::Appended(result)
            }
        }
    }

    /// The server is restored from its backup, under a new epoch. Returns whether it has one.
    pub fn restore(&mut self, user_id: UserId, epoch: EpochId) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        let Head { epoch: old, cursor: end } = backup.head(user_id);
        self.log = backup.with_epoch(epoch);
        self.was_restored = true;
        let kept = self.commits.range((old, 0)..=(old, end));
        let kept: Vec<_> =
            kept.map(|((_, cursor), ledger)| ((epoch, *cursor), ledger.clone())).collect();
        self.commits.extend(kept);
        true
    }

    /// A frame as a server of this version sends it: a newer one adds fields.
    pub fn sent_text(&self, text: String) -> String {
        const ADDED: &str = "\"added_later\":{\"list\":[1,null,\"\\u00e9\"]}";
        if !self.speaks_newer {
            return text;
        }
        let text = text.replace("\"response\":{\"", &format!("\"response\":{{{ADDED},\""));
        text.replace("\"time_entries\":[{", &format!("\"time_entries\":[{{{ADDED},"))
    }

    /// A frame as a server of this version reads it: an older one cannot create a project.
    pub fn received_text(&self, text: String) -> String {
        if !self.speaks_older {
            return text;
        }
        text.replace("\"event_type\":\"CREATE_PROJECT\"", "\"event_type\":\"NOT_KNOWN_YET\"")
    }
}

impl Endpoint {
    fn broadcast(&self, change: &Broadcast) -> Option<String> {
        let effect = match self {
            Self::Hub(session) => session.broadcast(change),
            Self::Phoenix(phoenix) => phoenix.broadcast(change),
        };
        match effect {
            Some(SessionEffect::Send(text)) => Some(text),
            Some(_) | None => None,
        }
    }
}
