//! The client: malformed stores and malformed frames.
//!
//! A line of an input puts a text into a store before the tab is opened, `stored KEY TEXT`,
//! `durable KEY TEXT` or `archive KEY TEXT`, or names what happens then: see [`perform`].

use proptest::prelude::*;
use proptest::sample::select;
use wizitime::app::input::{Input, PageEvent, PeerMessage};
use wizitime::effects::Effect;
use wizitime::features::{Intent, SyncIntent, TimerIntent};
use wizitime::store::slices::events::Events;
use wizitime::sync::StorageKey;
use wizitime::sync::event_buffer::{self, StoredText};
use wizitime_domain::{Envelope, EpochId};
use wizitime_testkit::Profile;
use wizitime_testkit::fuzzing::{Target, fixtures, mutated};

use crate::CORPUS;
use crate::device::Device;

/// The most stored texts of one input, beside those of the account.
const STORED_MAX: usize = 6;
/// The most events of one input.
const LINES_MAX: usize = 16;

/// Valid keys with their texts.
fn valid_texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (index, json) in fixtures::events().into_iter().enumerate() {
        let id = Envelope::from_json(&json).unwrap().id;
        let owner = if index % 3 == 0 { "guest" } else { fixtures::USER };
        let seq = index + 1;
        if index % 4 == 3 {
            let text =
                format!("{{\"code\":\"too_long\",\"message\":\"It is.\",\"envelope\":{json}}}");
            texts.push((format!("wizi.quarantine.{owner}.{id}"), text));
        } else {
            texts.push((format!("wizi.event.{owner}.{seq:016x}.{id}"), json));
        }
    }
    texts
}

/// The stored session and device id.
fn account() -> [(String, String); 2] {
    let user = fixtures::USER;
    let session = format!(
        "{{\"user_id\":\"{user}\",\"email\":\"a@example.org\",\"token\":\"t\",\
         \"channel\":\"users:{user}\",\"hosted\":false,\"expired\":false}}"
    );
    let device = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    [("wizi.session".to_owned(), session), ("wizi.device".to_owned(), device)]
}

/// A key and a text: each valid, mutated, or that of another one.
fn stored_text() -> BoxedStrategy<(String, String)> {
    let valid = valid_texts();
    let (keys, texts): (Vec<String>, Vec<String>) = valid.iter().cloned().chain(account()).unzip();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let odd = [
        "wizi.event.guest.x".to_owned(),
        "wizi.event.guest.-1.x".to_owned(),
        format!("wizi.event.guest.ffffffffffffffff.{id}"),
        format!("wizi.event.guest.0000000000000001.{id}.more"),
        "wizi.quarantine.guest".to_owned(),
        "wizi.damaged.wizi.event.guest.x".to_owned(),
        "wizi.damaged.".to_owned(),
        "wizi.".to_owned(),
        "theme".to_owned(),
    ];
    let keys_as_texts = mutated(keys.clone()).prop_map(|key| key.replace([' ', '\n'], "_"));
    let key = prop_oneof![4 => select(keys.clone()), 2 => select(odd.to_vec()), 1 => keys_as_texts];
    let huge_seq =
        texts.iter().map(|text| text.replacen("\"seq\":", "\"seq\":1844674407370955", 1));
    let texts: Vec<String> = texts.iter().cloned().chain(huge_seq).collect();
    prop_oneof![
        4 => select(valid.clone()),
        4 => (0..valid.len(), mutated(texts.clone()))
            .prop_map(move |(at, text)| (valid[at].0.clone(), text)),
        4 => (key, prop_oneof![select(texts.clone()), mutated(texts)]),
    ]
    .boxed()
}

/// The archive's key and text of an event, valid or mutated.
fn archived_text() -> BoxedStrategy<String> {
    let archived = fixtures::events().into_iter().map(|json| {
        let id = Envelope::from_json(&json).unwrap().id;
        let epoch = "01890a5d-ac96-774b-bcce-eeeeeeeeeeee";
        let key = format!("{}/{epoch}/0000000000000007/{id}", fixtures::USER);
        (key, format!("{{\"at\":1772442000000,\"envelope\":{json}}}"))
    });
    let archived: Vec<(String, String)> = archived.collect();
    let texts = archived.iter().map(|(_, text)| text.clone()).collect();
    let at = select(archived);
    prop_oneof![
        2 => at.clone(),
        1 => (at, mutated(texts)).prop_map(|((key, _), text)| (key, text)),
    ]
    .prop_map(|(key, text)| format!("archive {key} {text}"))
    .boxed()
}

pub(crate) fn stored_texts() -> Target {
    let inputs = stored_text().prop_map(|(key, text)| vec![format!("{key} {text}")]).boxed();
    Target { corpus: CORPUS, name: "stored_texts", inputs, check: check_stored_texts }
}

/// A corrupt text is moved unchanged, to a key where it is not read as an event again.
fn check_stored_texts(input: &[String]) {
    for line in input {
        let (key, text) = key_and_text(line);
        if event_buffer::read(key, text, &Events::default()) == StoredText::Corrupt {
            let effect = event_buffer::move_to_corrupt(key, text, &[]);
            let Effect::MoveStorage { from, to, value } = effect else { panic!("{effect:?}") };
            assert_eq!((&*from, &*value), (key, text));
            assert!(matches!(StorageKey::parse(&to), Some(StorageKey::Corrupt { .. })), "{to}");
            assert_eq!(event_buffer::read(&to, text, &Events::default()), StoredText::KnownCorrupt);
        }
    }
}

pub(crate) fn clients() -> Target {
    let line = |word: &'static str| {
        stored_text().prop_map(move |(key, text)| format!("{word} {key} {text}"))
    };
    let account = account().map(|(key, text)| format!("stored {key} {text}")).to_vec();
    let account = prop_oneof![1 => Just(Vec::new()), 5 => Just(account)];
    let stored = prop_oneof![3 => line("stored"), 1 => line("durable"), 1 => archived_text()];
    let stored = prop::collection::vec(stored, 0..=STORED_MAX);
    let replies = fixtures::replies();
    let joined = |payload: &str| format!("reply phx_join {payload}");
    let begins = vec![joined(&replies[0].1), "leader".to_owned(), "wake".to_owned()];
    let begins = prop_oneof![1 => Just(Vec::new()), 3 => Just(begins)];
    let lines = prop::collection::vec(event_line(&replies), 0..=LINES_MAX);
    let inputs = (account, stored, begins, lines)
        .prop_map(|(account, stored, begins, lines)| [account, stored, begins, lines].concat());
    Target { corpus: CORPUS, name: "clients", inputs: inputs.boxed(), check: check_clients }
}

/// One event.
fn event_line(replies: &[(String, String)]) -> BoxedStrategy<String> {
    const PLAIN: [&str; 17] = [
        "wake",
        "wake",
        "wake",
        "leader",
        "read",
        "visible",
        "start",
        "stop",
        "sync",
        "export",
        "full",
        "room",
        "closed 1006",
        "closed 1001",
        "lost_leadership",
        "leader_ping",
        "leader_pong",
    ];
    let payloads: Vec<String> = replies.iter().map(|(_, payload)| payload.clone()).collect();
    let reply = (0..replies.len(), mutated(payloads.clone()), any::<bool>());
    let events: Vec<String> = replies.iter().map(|(event, _)| event.clone()).collect();
    // Mostly the reply to this push; sometimes that to another.
    let reply = reply.prop_map(move |(at, mutated, fits)| {
        format!("reply {} {}", events[at], if fits { &payloads[at] } else { &mutated })
    });
    let own = replies.iter().map(|(event, payload)| {
        let event = event.clone();
        let payload = mutated(vec![payload.clone()]);
        payload.prop_map(move |payload| format!("reply {event} {payload}")).boxed()
    });
    let own = proptest::strategy::Union::new(own);
    let frames = mutated(fixtures::frames("server")).prop_map(|frame| format!("frame {frame}"));
    prop_oneof![
        6 => select(&PLAIN[..]).prop_map(str::to_owned),
        3 => reply,
        4 => own,
        2 => frames,
        2 => stored_text().prop_map(|(key, text)| format!("peer {key} {text}")),
        1 => stored_text().prop_map(|(key, _)| format!("removed {key}")),
    ]
    .boxed()
}

fn key_and_text(line: &str) -> (&str, &str) {
    line.split_once(' ').unwrap_or((line, ""))
}

/// For any stored and received data, nothing that may be a user's time is lost: the device checks
/// every change of its storage.
fn check_clients(input: &[String]) {
    let mut profile = Profile::default();
    for line in input {
        let (word, rest) = key_and_text(line);
        let store = match word {
            "stored" => &mut profile.local_storage,
            "durable" => &mut profile.durable_copy,
            "archive" => &mut profile.archive,
            _ => continue,
        };
        let (key, text) = key_and_text(rest);
        store.insert(key.to_owned(), text.to_owned());
    }
    let mut device = Device::open(profile);
    input.iter().for_each(|line| perform(&mut device, line));
    device.check_end();
}

fn perform(device: &mut Device, line: &str) {
    let (word, rest) = key_and_text(line);
    let (first, second) = key_and_text(rest);
    match word {
        "wake" => device.wake(),
        "leader" => device.receive(Input::BecameLeader { stored: device.stored() }),
        "read" => device.receive(Input::StorageRead { stored: device.stored() }),
        "lost_leadership" => device.receive(Input::LostLeadership),
        "leader_ping" => device.receive(Input::PeerMessageReceived(PeerMessage::LeaderPing)),
        "leader_pong" => device.receive(Input::PeerMessageReceived(PeerMessage::LeaderPong)),
        "restore_completed" => {
            let epoch = first.parse().unwrap_or(EpochId::from_bytes([9; 16]));
            device.receive(Input::PeerMessageReceived(PeerMessage::RestoreCompleted(epoch)));
        }
        "visible" => device.receive(Input::Page(PageEvent::Visible)),
        "start" => device.act(Intent::Timer(TimerIntent::Start {
            description: "tea".to_owned(),
            project_id: None,
            started_at: None,
        })),
        "stop" => device.act(Intent::Timer(TimerIntent::Stop)),
        "sync" => device.act(Intent::Sync(SyncIntent::SyncNow)),
        "export" => device.act(Intent::Sync(SyncIntent::ExportUnsynced)),
        "full" => device.set_full(true),
        "room" => device.set_full(false),
        "closed" => device.lose_connection(rest.parse().ok()),
        "frame" => device.receive_frame(rest),
        "reply" => device.reply(first, second),
        "peer" => device.peer_stores(first, second),
        "removed" => device.peer_removes(first),
        _ => (),
    }
}
