//! One tab whose stores and frames are malformed: nothing that may be a user's time gets lost.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use wizitime::app::input::{EmbedConfig, Input};
use wizitime::features::{Intent, select_status};
use wizitime::sync::StorageKey;
use wizitime_domain::{Envelope, EventId, IdSource, Timestamp, json};
use wizitime_protocol::messages::{BULK_EVENT, read_bulk_event};
use wizitime_protocol::phoenix::{ConnId, Frame, Payload, REPLY_EVENT, Reply, Status};
use wizitime_testkit::{Driver, Harness, NetworkRequest, Profile, StorageOp, Tab, TabId, Target};

/// One line of an input leads to no more events than this.
const EVENTS_MAX: usize = 1_000;
/// Time between two lines of an input, in milliseconds.
const LINE_MS: u64 = 10;
const BEGIN_MS: i64 = 1_772_442_000_000;
const TAB: TabId = TabId::new(0, 0);

type Stored = BTreeMap<String, String>;

/// The driver.
#[derive(Debug, Default)]
struct Malformed {
    /// localStorage takes no more values.
    is_full: bool,
    sent: Vec<Frame>,
    /// Events that the server acknowledged, or that another tab removed: these may be removed.
    removable: BTreeSet<EventId>,
}

/// A device with one tab.
pub(crate) struct Device {
    harness: Harness<Malformed>,
    target: Target,
    /// What the durable copy held when the tab was opened.
    durable_before: Stored,
}

/// The event of a stored text that this version can read; `None` for other texts.
fn event_in(key: &str, value: &str) -> Option<EventId> {
    let event = |json: &str| Envelope::from_json(json).ok().map(|it| it.id);
    if key.starts_with("wizi.event.") {
        event(value)
    } else if key.starts_with("wizi.quarantine.") {
        #[derive(Deserialize)]
        struct QuarantineText<'a> {
            // Without its reason it cannot be shown.
            #[serde(rename = "code")]
            _code: String,
            #[serde(rename = "message")]
            _message: String,
            #[serde(borrow)]
            envelope: &'a RawValue,
        }
        event(json::from_str::<QuarantineText<'_>>(value).ok()?.envelope.get())
    } else {
        None
    }
}

/// The event that a key names.
fn named_by(key: &str) -> Option<EventId> {
    StorageKey::parse(key)?.event_id()
}

/// Whether the value of this key may be a user's time.
fn may_be_time(key: &str) -> bool {
    ["wizi.event.", "wizi.quarantine.", "wizi.damaged."].iter().any(|kind| key.starts_with(kind))
}

/// The events of a batch.
fn events_of(batch: &Frame) -> Vec<EventId> {
    let events = read_bulk_event(batch.payload.as_json().unwrap());
    let id = |event: &RawValue| Envelope::from_raw(event).expect("sent events can be read").id;
    events.expect("the client writes batches").into_iter().map(id).collect()
}

impl Malformed {
    /// Asserts that the text of a key is under another key, or that its event was sent.
    fn check_kept(&self, key: &str, event: Option<EventId>, text: &str, stores: &[&Stored]) {
        if !may_be_time(key) {
            return;
        }
        let all = || stores.iter().flat_map(|store| store.iter());
        // A text that was corrupted after it was read is removed with the event of its key.
        let is_kept = all().any(|(_, kept)| kept == text)
            || event.or_else(|| named_by(key)).is_some_and(|id| self.removable.contains(&id))
            || event.is_some_and(|id| all().any(|(key, kept)| event_in(key, kept) == Some(id)));
        assert!(is_kept, "lost from {key}: {text}");
    }

    /// The events of the batch that this frame acknowledges.
    fn acknowledged_by(&self, text: &str) -> Vec<EventId> {
        let Ok(reply) = Frame::decode(text) else { return Vec::new() };
        let status = reply.payload.as_json().map(json::from_raw::<Reply>);
        let is_ok = status.is_some_and(|it| it.is_ok_and(|it| it.status == Status::Ok));
        let is_for =
            |sent: &&Frame| is_ok && sent.event == BULK_EVENT && sent.reference == reply.reference;
        self.sent.iter().filter(is_for).flat_map(events_of).collect()
    }
}

impl Driver for Malformed {
    type Link = ConnId;
    type Event = ();

    const PEER_DELAY_MS: u64 = 0;
    const LOCK_DELAY_MS: u64 = 0;
    const KEEPS_HISTORY: bool = false;

    fn event(_harness: &mut Harness<Self>, (): ()) {}

    fn network(harness: &mut Harness<Self>, tab: TabId, life: u64, request: NetworkRequest) {
        let Some(open) = harness.tab(tab, life) else { return };
        match request {
            NetworkRequest::Connect { conn, .. } => {
                open.link = Some(conn);
                harness.input(tab, 0, Input::SocketOpened { conn });
            }
            NetworkRequest::Send { text, .. } => {
                let frame = Frame::decode(&text).expect("the client writes frames");
                harness.driver.sent.push(frame);
            }
            NetworkRequest::Close { .. } => open.link = None,
            NetworkRequest::Http(_) => (),
        }
    }

    fn accepts_write(harness: &mut Harness<Self>, _tab: TabId, _key: &str) -> bool {
        !harness.driver.is_full
    }

    fn storage_changed(
        harness: &mut Harness<Self>,
        tab: TabId,
        op: &StorageOp,
        before: Option<&str>,
    ) {
        let Some(before) = before else { return };
        let (key, event) = (op.key(), event_in(op.key(), before));
        let is_repaired = match op {
            // A corrupt text may be written anew from the event that belongs to the key.
            StorageOp::Write { key, value } => {
                event.is_none() && event_in(key, value).is_some_and(|id| named_by(key) == Some(id))
            }
            StorageOp::Remove { .. } => false,
        };
        if !is_repaired {
            let stored = &harness.devices[tab.device].profile.local_storage;
            harness.driver.check_kept(key, event, before, &[stored]);
        }
    }
}

impl Device {
    /// Opens the tab on these stores.
    pub(crate) fn open(profile: Profile) -> Self {
        let begin = Timestamp::saturating_from_ms(BEGIN_MS);
        let mut harness = Harness::new(Malformed::default(), begin);
        let durable_before = profile.durable_copy.clone();
        let device = wizitime_testkit::Device { profile, ..wizitime_testkit::Device::new(1) };
        harness.devices.push(device);
        let target = harness.open(TAB, &mut IdSource::new([4; 4]), EmbedConfig::default());
        let mut device = Self { harness, target, durable_before };
        device.settle();
        device
    }

    fn settle(&mut self) {
        let mut left = EVENTS_MAX;
        while self.harness.next_due_ms().is_some_and(|due_ms| due_ms <= self.harness.now_ms) {
            left = left.checked_sub(1).expect("the events never end");
            self.harness.step();
        }
        assert_eq!(self.harness.take_violation(), None);
        let _ = select_status(self.tab().core.state());
    }

    fn tab(&self) -> &Tab<ConnId> {
        self.harness.devices[0].tabs[0].as_ref().expect("the tab is never closed")
    }

    /// The tab receives an input.
    pub(crate) fn receive(&mut self, input: Input) {
        self.harness.now_ms += LINE_MS;
        self.harness.feed(TAB, self.target.life, input);
        self.settle();
    }

    pub(crate) fn act(&mut self, intent: Intent) {
        self.receive(Input::User(intent));
    }

    /// Time passes until the next timer, or a second.
    pub(crate) fn wake(&mut self) {
        let now_ms = self.harness.now_ms;
        self.harness.now_ms = now_ms.max(self.tab().wake_ms.unwrap_or(now_ms + 1_000));
        self.settle();
    }

    pub(crate) const fn set_full(&mut self, is_full: bool) {
        self.harness.driver.is_full = is_full;
    }

    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        self.harness.devices[0].profile.stored()
    }

    /// Another tab writes. No tab of ours writes an event to another key than its own, so such an
    /// event is not ours.
    pub(crate) fn peer_stores(&mut self, key: &str, value: &str) {
        let (key, value) = (key.to_owned(), value.to_owned());
        let stored = &mut self.harness.devices[0].profile.local_storage;
        let before = stored.insert(key.clone(), value.clone());
        let removable = &mut self.harness.driver.removable;
        removable.extend(before.and_then(|before| event_in(&key, &before)));
        removable.extend(event_in(&key, &value).filter(|id| named_by(&key) != Some(*id)));
        self.receive(Input::PeerStored { key, value });
    }

    /// Another tab removes.
    pub(crate) fn peer_removes(&mut self, key: &str) {
        let stored = &mut self.harness.devices[0].profile.local_storage;
        if let Some(before) = stored.remove(key) {
            let event = event_in(key, &before).or_else(|| named_by(key));
            self.harness.driver.removable.extend(event);
            self.receive(Input::PeerRemoved { key: key.to_owned() });
        }
    }

    /// A frame arrives on the connection, if there is one.
    pub(crate) fn receive_frame(&mut self, text: &str) {
        if let Some(conn) = self.tab().link {
            let acknowledged = self.harness.driver.acknowledged_by(text);
            self.harness.driver.removable.extend(acknowledged);
            self.receive(Input::FrameReceived { conn, text: text.to_owned() });
        }
    }

    /// The server replies to the last push of this event.
    pub(crate) fn reply(&mut self, event: &str, payload: &str) {
        let sent = &self.harness.driver.sent;
        let Some(push) = sent.iter().rev().find(|frame| frame.event == event) else { return };
        let event = REPLY_EVENT.to_owned();
        let reply = Frame { event, payload: Payload::empty(), ..push.clone() }.encode().unwrap();
        let begin = reply.strip_suffix("{}]").unwrap();
        self.receive_frame(&format!("{begin}{payload}]"));
    }

    pub(crate) fn lose_connection(&mut self, code: Option<u16>) {
        let open = self.harness.tab(TAB, self.target.life);
        if let Some(conn) = open.and_then(|it| it.link.take()) {
            self.receive(Input::SocketClosed { conn, code });
        }
    }

    /// At the end: everything in the durable copy is still stored, and all entries can be shown.
    pub(crate) fn check_end(&self) {
        let profile = &self.harness.devices[0].profile;
        for (key, text) in &self.durable_before {
            // A corrupt copy may be written anew from the event that the key names.
            let event = event_in(key, text).or_else(|| named_by(key));
            let stores = [&profile.local_storage, &profile.durable_copy];
            self.harness.driver.check_kept(key, event, text, &stores);
        }
        let core = &self.tab().core;
        let timeline = core.timeline();
        for day in timeline.days() {
            let _ = timeline.day(day);
        }
        for event in core.state().events.waiting() {
            let key = StorageKey::event(event);
            assert_eq!(StorageKey::parse(&key.write()), Some(key));
        }
    }
}
