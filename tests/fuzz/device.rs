//! A browser profile with one tab: what it stores, and what it hears and says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Deserialize;
use serde_json::value::RawValue;
use wizitime::app::Core;
use wizitime::app::Moment;
use wizitime::app::effect::Effect;
use wizitime::app::input::{EmbedConfig, Input, StartupData};
use wizitime::features::Intent;
use wizitime::features::select_status;
use wizitime::sync::StorageKey;
use wizitime_domain::json;
use wizitime_domain::{
    DeviceId, Envelope, EventId, FixedOffset, IdSource, Timestamp, WriterId, Zone,
};
use wizitime_protocol::messages::{BULK_EVENT, read_bulk_event};
use wizitime_protocol::phoenix::{ConnId, Frame, MonoTime, Payload, REPLY_EVENT, Reply, Status};

/// One thing that comes from outside leads to no more inputs than this.
const INPUTS_MAX: usize = 1_000;
/// Time passes between two things that come from outside, in milliseconds.
const STEP_MS: u64 = 10;
const BEGIN_MS: i64 = 1_772_442_000_000;

type Stored = BTreeMap<String, String>;

/// The profile.
pub(crate) struct Device {
    client: Core,
    stored: Stored,
    mirror: Stored,
    /// What is kept of acknowledged events.
    archive: Stored,
    /// What the mirror held when the tab was opened. It may leave the mirror before it is read.
    mirrored_before: Stored,
    /// localStorage takes nothing more.
    full: bool,
    conn: Option<ConnId>,
    sent: Vec<Frame>,
    /// Events that the server acknowledged, or that another tab removed: these may be removed.
    let_go: BTreeSet<EventId>,
    inputs: VecDeque<Input>,
    now_ms: u64,
    wake_at: Option<MonoTime>,
}

fn now(ms: u64) -> Moment {
    let wall = Timestamp::saturating_from_ms(BEGIN_MS.saturating_add_unsigned(ms));
    Moment { entropy: 0, wall, mono: MonoTime::from_ms(ms) }
}

/// The event that a text of ours holds; none if it is for nobody but a person, or for a newer
/// version.
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

/// Whether what is stored there may be somebody's time.
fn is_precious(key: &str) -> bool {
    ["wizi.event.", "wizi.quarantine.", "wizi.damaged."].iter().any(|kind| key.starts_with(kind))
}

/// The events of a batch.
fn events_of(batch: &Frame) -> Vec<EventId> {
    let events = read_bulk_event(batch.payload.as_json().unwrap());
    let id = |event: &RawValue| Envelope::from_raw(event).expect("sent events can be read").id;
    events.expect("the client writes batches").into_iter().map(id).collect()
}

impl Device {
    /// Opens the tab on what was stored.
    pub(crate) fn open(stored: Stored, mirror: Stored, archive: Stored) -> Self {
        let startup = StartupData {
            new_device_id: DeviceId::from_bytes([2; 16]),
            writer_id: WriterId::from_bytes([3; 16]),
            zone: Zone::utc(),
            embed: EmbedConfig::default(),
            stored: stored.clone().into_iter().collect(),
        };
        let zone = Box::new(FixedOffset::default());
        let (client, effects) = Core::start(startup, IdSource::new([4; 4]), zone, now(0));
        let mut device = Self {
            client,
            stored,
            mirrored_before: mirror.clone(),
            mirror,
            archive,
            full: false,
            conn: None,
            sent: Vec::new(),
            let_go: BTreeSet::new(),
            inputs: VecDeque::new(),
            now_ms: 0,
            wake_at: None,
        };
        effects.into_iter().for_each(|effect| device.perform(effect));
        device.settle();
        device
    }

    /// Something comes from outside, and all that follows from it.
    pub(crate) fn hear(&mut self, input: Input) {
        self.now_ms += STEP_MS;
        self.inputs.push_back(input);
        self.settle();
    }

    fn settle(&mut self) {
        let mut left = INPUTS_MAX;
        while let Some(input) = self.inputs.pop_front() {
            left = left.checked_sub(1).expect("it goes round in circles");
            let effects = self.client.handle(input, now(self.now_ms));
            effects.into_iter().for_each(|effect| self.perform(effect));
        }
        let _ = select_status(self.client.state());
    }

    pub(crate) fn want(&mut self, intent: Intent) {
        self.hear(Input::User(intent));
    }

    /// Time passes until the tab wants to be woken, or a second.
    pub(crate) fn wake(&mut self) {
        let at = self.wake_at.take().map_or(self.now_ms + 1_000, MonoTime::as_ms);
        self.now_ms = self.now_ms.max(at);
        self.hear(Input::TimerFired);
    }

    pub(crate) fn set_full(&mut self, full: bool) {
        self.full = full;
    }

    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        self.stored.clone().into_iter().collect()
    }

    /// Another tab writes. No tab of ours writes an event elsewhere than in its place, so that one
    /// is nobody's.
    pub(crate) fn peer_stores(&mut self, key: &str, value: &str) {
        let (key, value) = (key.to_owned(), value.to_owned());
        let before = self.stored.insert(key.clone(), value.clone());
        self.let_go.extend(before.and_then(|before| event_in(&key, &before)));
        self.let_go.extend(event_in(&key, &value).filter(|id| named_by(&key) != Some(*id)));
        self.hear(Input::PeerStored { key, value });
    }

    /// Another tab removes.
    pub(crate) fn peer_removes(&mut self, key: &str) {
        if let Some(before) = self.stored.remove(key) {
            self.let_go.extend(event_in(key, &before).or_else(|| named_by(key)));
            self.hear(Input::PeerRemoved { key: key.to_owned() });
        }
    }

    /// A frame comes on the connection, if there is one.
    pub(crate) fn receive(&mut self, text: &str) {
        if let Some(conn) = self.conn {
            self.let_go.extend(self.acknowledged_by(text));
            self.hear(Input::FrameReceived { conn, text: text.to_owned() });
        }
    }

    /// The events of the batch that this frame says yes to.
    fn acknowledged_by(&self, text: &str) -> Vec<EventId> {
        let Ok(reply) = Frame::decode(text) else { return Vec::new() };
        let status = reply.payload.as_json().map(json::from_raw::<Reply>);
        let is_yes = status.is_some_and(|it| it.is_ok_and(|it| it.status == Status::Ok));
        let is_asked =
            |sent: &&Frame| is_yes && sent.event == BULK_EVENT && sent.reference == reply.reference;
        self.sent.iter().filter(is_asked).flat_map(events_of).collect()
    }

    /// The last question of this kind is answered.
    pub(crate) fn answer(&mut self, event: &str, payload: &str) {
        let Some(asked) = self.sent.iter().rev().find(|frame| frame.event == event) else { return };
        let event = REPLY_EVENT.to_owned();
        let reply = Frame { event, payload: Payload::empty(), ..asked.clone() }.encode().unwrap();
        let begin = reply.strip_suffix("{}]").unwrap();
        self.receive(&format!("{begin}{payload}]"));
    }

    pub(crate) fn lose_connection(&mut self, code: Option<u16>) {
        if let Some(conn) = self.conn.take() {
            self.hear(Input::SocketClosed { conn, code });
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::WriteStorage { key, value } => self.store(key, value),
            Effect::MoveStorage { from, to, value } if from == to => self.store(to, value),
            Effect::MoveStorage { from, to, value } => {
                self.store(to, value);
                if !self.full {
                    self.replace(&from, None);
                }
            }
            Effect::RemoveStorage { key } => self.replace(&key, None),
            Effect::ReadStorage => {
                let stored = self.stored();
                self.inputs.push_back(Input::StorageRead { stored });
            }
            Effect::ReadDurableCopy => {
                let stored = Some(self.mirror.clone().into_iter().collect());
                self.inputs.push_back(Input::DurableCopyRead { stored });
            }
            Effect::WriteDurableCopy(write) => {
                let input = crate::mirror::change(&mut self.mirror, &mut self.archive, write);
                self.inputs.push_back(input);
            }
            Effect::ReadArchive { user_id } => {
                let archived = self.archive.clone().into_iter().collect();
                self.inputs.push_back(Input::ArchiveRead { user_id, archived });
            }
            Effect::LoadCache { user_id } => {
                self.inputs.push_back(Input::CacheLoaded { user_id, snapshot: None });
            }
            Effect::Connect { conn, .. } => {
                self.conn = Some(conn);
                self.inputs.push_back(Input::SocketOpened { conn });
            }
            Effect::Send { text, .. } => self.send(&text),
            Effect::CloseSocket { .. } => self.conn = None,
            Effect::WakeAt(at) => self.wake_at = Some(at),
            Effect::TakeLeaderLock => {
                let stored = self.stored();
                self.inputs.push_back(Input::BecameLeader { stored });
            }
            Effect::RequestPersistence
            | Effect::WriteCache(_)
            | Effect::ClearCache { .. }
            | Effect::Http(_)
            | Effect::PostToPeers(_)
            | Effect::Download { .. }
            | Effect::ActivateUpdate
            | Effect::Render(_) => (),
        }
    }

    fn store(&mut self, key: String, value: String) {
        if self.full {
            self.inputs.push_back(Input::StorageWriteFailed { keys: vec![key] });
        } else {
            self.replace(&key, Some(value));
        }
    }

    /// Writes or removes; what was there and may be somebody's time must be kept elsewhere.
    fn replace(&mut self, key: &str, value: Option<String>) {
        let before = match value.clone() {
            Some(value) => self.stored.insert(key.to_owned(), value),
            None => self.stored.remove(key),
        };
        let Some(before) = before.filter(|before| Some(before) != value.as_ref()) else { return };
        let event = event_in(key, &before);
        // A damaged text may be made anew from the event that belongs there.
        let is_mended = value.is_some_and(|value| {
            event.is_none() && event_in(key, &value).is_some_and(|id| named_by(key) == Some(id))
        });
        if !is_mended {
            self.check_kept(key, event, &before, &[&self.stored]);
        }
    }

    /// What was under `key` is under another one, or its event has been sent.
    fn check_kept(&self, key: &str, event: Option<EventId>, text: &str, places: &[&Stored]) {
        if !is_precious(key) {
            return;
        }
        let all = || places.iter().flat_map(|place| place.iter());
        // What is damaged after it was read goes with the event whose place it took.
        let is_kept = all().any(|(_, kept)| kept == text)
            || event.or_else(|| named_by(key)).is_some_and(|id| self.let_go.contains(&id))
            || event.is_some_and(|id| all().any(|(key, kept)| event_in(key, kept) == Some(id)));
        assert!(is_kept, "lost from {key}: {text}");
    }

    fn send(&mut self, text: &str) {
        let frame = Frame::decode(text).expect("the client writes frames");
        self.sent.push(frame);
    }

    /// At the end: what the mirror held is still somewhere, and all of it can be shown.
    pub(crate) fn look(&self) {
        for (key, text) in &self.mirrored_before {
            // A copy that is damaged may be made anew from the event that the key names.
            let event = event_in(key, text).or_else(|| named_by(key));
            self.check_kept(key, event, text, &[&self.stored, &self.mirror]);
        }
        let timeline = self.client.timeline();
        for day in timeline.days() {
            let _ = timeline.day(day);
        }
        for record in self.client.state().events.waiting() {
            let key = StorageKey::event(record);
            assert_eq!(StorageKey::parse(&key.write()), Some(key));
        }
    }
}
