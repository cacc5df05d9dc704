//! The other tabs of this browser profile: what they store, and which tab sends.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent, StorageEvent};

use super::local_storage;
use super::runtime::{report, send};
use super::task::spawn;
use crate::app::input::{Input, PeerMessage};
use crate::sync::PREFIX;

thread_local! {
    /// Where tabs talk. A browser without it has tabs that cannot be asked.
    static CHANNEL: Option<BroadcastChannel> = BroadcastChannel::new("wizi.tabs").ok();
}

/// The lock that the sending tab holds.
const SENDER_LOCK: &str = "wizi.sender";

/// Reports what other tabs store, and asks to be the tab that sends.
pub(super) fn listen() {
    let Some(window) = web_sys::window() else { return };
    let closure = Closure::<dyn Fn(StorageEvent)>::new(|event: StorageEvent| stored(&event));
    let listener = closure.as_ref().unchecked_ref();
    if let Err(error) = window.add_event_listener_with_callback("storage", listener) {
        report("other tabs cannot be heard", &error);
    }
    // The page listens for as long as it lives.
    closure.forget();
    CHANNEL.with(|channel| {
        let closure = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| hear(&event));
        let listener = closure.as_ref().unchecked_ref();
        channel.as_ref().inspect(|it| it.set_onmessage(Some(listener)));
        closure.forget();
    });
    if let Err(error) = request_lock(false) {
        // Without locks every tab sends; the server takes each event once.
        report("there are no locks between tabs", &error);
        became_sender();
    }
}

fn stored(event: &StorageEvent) {
    let Some(key) = event.key().filter(|key| key.starts_with(PREFIX)) else { return };
    send(match event.new_value() {
        Some(value) => Input::PeerStored { key, value },
        None => Input::PeerRemoved { key },
    });
}

/// Says something to the other tabs.
pub(super) fn tell(message: PeerMessage) {
    let said = CHANNEL.with(|channel| match channel {
        Some(channel) => channel.post_message(&write(message).into()),
        None => Ok(()),
    });
    if let Err(error) = said {
        report("other tabs cannot be told", &error);
    }
}

/// Takes the lock from the tab that holds it.
pub(super) fn take_lock() {
    if let Err(error) = request_lock(true) {
        report("the lock could not be taken", &error);
    }
}

const WHO_SENDS: &str = "who sends";
const I_SEND: &str = "I send";
const OFFERED: &str = "offered to ";

fn write(message: PeerMessage) -> String {
    match message {
        PeerMessage::LeaderPing => WHO_SENDS.to_owned(),
        PeerMessage::LeaderPong => I_SEND.to_owned(),
        PeerMessage::RestoreCompleted(epoch) => format!("{OFFERED}{epoch}"),
    }
}

/// None for a word of a newer version, which is passed over.
fn read(said: &str) -> Option<PeerMessage> {
    match said {
        WHO_SENDS => Some(PeerMessage::LeaderPing),
        I_SEND => Some(PeerMessage::LeaderPong),
        _ => said.strip_prefix(OFFERED)?.parse().ok().map(PeerMessage::RestoreCompleted),
    }
}

fn hear(event: &MessageEvent) {
    if let Some(message) = event.data().as_string().and_then(|said| read(&said)) {
        send(Input::PeerMessageReceived(message));
    }
}

/// Takes the lock as soon as no other tab holds it, or at once with `steal`, and keeps it until
/// the tab dies or another takes it.
fn request_lock(steal: bool) -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("no window")?.navigator();
    // Where there is no secure context there is no lock manager; then this is no function.
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let granted = Closure::once_into_js(|| {
        became_sender();
        // It settles only when the tab is torn down, or when another takes the lock.
        Promise::new(&mut |_resolve: Function, _reject: Function| ())
    });
    let options = Object::new();
    Reflect::set(&options, &"steal".into(), &steal.into())?;
    let held: Promise =
        request.call3(&locks, &SENDER_LOCK.into(), &options, &granted)?.dyn_into()?;
    spawn(async move {
        if JsFuture::from(held).await.is_err() {
            send(Input::LostLeadership);
            // Back in the line: the tab that took it may die.
            if let Err(error) = request_lock(false) {
                report("the lock could not be asked for", &error);
            }
        }
    });
    Ok(())
}

fn became_sender() {
    let (stored, _) = local_storage::all();
    send(Input::BecameLeader { stored });
}
