//! The other tabs of this browser profile: changes of storage, messages and the leader lock.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent, StorageEvent};

use super::inbox::{report, send, spawn};
use super::{local_storage, locks};
use crate::app::input::{Input, PeerMessage};
use crate::sync::PREFIX;

thread_local! {
    /// The channel between tabs. Without it the leader cannot be pinged.
    static CHANNEL: Option<BroadcastChannel> = BroadcastChannel::new("wizi.tabs").ok();
}

/// The lock of the leader. Its name is that of earlier versions, whose tabs may be open.
const LEADER_LOCK: &str = "wizi.sender";

/// Reports changes of other tabs, and requests the leader lock.
pub(super) fn listen() {
    let Some(window) = web_sys::window() else { return };
    let closure = Closure::<dyn Fn(StorageEvent)>::new(|event: StorageEvent| stored(&event));
    let listener = closure.as_ref().unchecked_ref();
    if let Err(error) = window.add_event_listener_with_callback("storage", listener) {
        report("storage events are not available", &error);
    }
    closure.forget();
    CHANNEL.with(|channel| {
        let closure =
            Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| message_received(&event));
        let listener = closure.as_ref().unchecked_ref();
        channel.as_ref().inspect(|it| it.set_onmessage(Some(listener)));
        closure.forget();
    });
    if let Err(error) = request_lock(false) {
        // Without locks every tab leads; the server accepts each event once.
        report("Web Locks are not available", &error);
        became_leader();
    }
}

fn stored(event: &StorageEvent) {
    let Some(key) = event.key().filter(|key| key.starts_with(PREFIX)) else { return };
    send(match event.new_value() {
        Some(value) => Input::PeerStored { key, value },
        None => Input::PeerRemoved { key },
    });
}

/// Posts a message to the other tabs.
pub(super) fn post(message: PeerMessage) {
    let posted = CHANNEL.with(|channel| match channel {
        Some(channel) => channel.post_message(&write(message).into()),
        None => Ok(()),
    });
    if let Err(error) = posted {
        report("BroadcastChannel: post failed", &error);
    }
}

/// Steals the lock from the tab that holds it.
pub(super) fn take_lock() {
    if let Err(error) = request_lock(true) {
        report("leader lock: steal failed", &error);
    }
}

/// The texts on the channel are those of earlier versions, whose tabs may be open.
const LEADER_PING: &str = "who sends";
const LEADER_PONG: &str = "I send";
const RESTORE_COMPLETED: &str = "offered to ";

fn write(message: PeerMessage) -> String {
    match message {
        PeerMessage::LeaderPing => LEADER_PING.to_owned(),
        PeerMessage::LeaderPong => LEADER_PONG.to_owned(),
        PeerMessage::RestoreCompleted(epoch) => format!("{RESTORE_COMPLETED}{epoch}"),
    }
}

/// None for a message of a newer version, which is ignored.
fn read(text: &str) -> Option<PeerMessage> {
    match text {
        LEADER_PING => Some(PeerMessage::LeaderPing),
        LEADER_PONG => Some(PeerMessage::LeaderPong),
        _ => text.strip_prefix(RESTORE_COMPLETED)?.parse().ok().map(PeerMessage::RestoreCompleted),
    }
}

fn message_received(event: &MessageEvent) {
    if let Some(message) = event.data().as_string().and_then(|text| read(&text)) {
        send(Input::PeerMessageReceived(message));
    }
}

/// Requests the lock, at once with `steal`, and keeps it until the tab is closed or another tab
/// steals it.
fn request_lock(steal: bool) -> Result<(), JsValue> {
    let granted = Box::new(|_: JsValue| {
        became_leader();
        locks::for_ever()
    });
    let held = locks::request(LEADER_LOCK, steal.then_some("steal"), granted)?;
    spawn(async move {
        if JsFuture::from(held).await.is_err() {
            send(Input::LostLeadership);
            // Queue again: the tab that stole it may be closed.
            if let Err(error) = request_lock(false) {
                report("leader lock: request failed", &error);
            }
        }
    });
    Ok(())
}

fn became_leader() {
    let (stored, _) = local_storage::all();
    send(Input::BecameLeader { stored });
}
