//! The loop: inputs into the client, its effects into the adapters.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use wizitime_domain::{DeviceId, IdSource, WriterId};

use super::clock::{self, BrowserZone};
use super::websocket::Sockets;
use super::{
    download, embed, http, indexed_db, local_storage, network, service_worker, tabs, timers,
};
use crate::app::Core;
use crate::app::RefusedWrites;
use crate::app::effect::Effect;
use crate::app::input::{Input, StartupData};
use crate::features::Intent;
use crate::features::TimelineChanges;
use crate::store::Changes;

type Subscriber = Rc<dyn Fn(&Changes, &TimelineChanges)>;

struct Runtime {
    client: RefCell<Core>,
    /// Inputs that came while another was being handled.
    queue: RefCell<VecDeque<Input>>,
    subscribers: RefCell<Vec<Subscriber>>,
    sockets: RefCell<Sockets>,
    wake: RefCell<Option<gloo_timers::callback::Timeout>>,
    embed: embed::Page,
}

thread_local! {
    static RUNTIME: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
}

/// Starts the client of this tab and everything that reports to it.
pub fn start() {
    let page = embed::read();
    let now = clock::now();
    let mut ids = IdSource::new(clock::seed().expect_throw("WiziTime needs the Web Crypto API"));
    let (stored, readable) = local_storage::all();
    let startup = StartupData {
        new_device_id: DeviceId::from_bytes(ids.uuid_v7(now.wall)),
        writer_id: WriterId::from_bytes(ids.uuid_v7(now.wall)),
        zone: clock::zone(),
        embed: page.embed.clone(),
        stored,
    };
    let (client, effects) = Core::start(startup, ids, Box::new(BrowserZone), now);
    let runtime = Rc::new(Runtime {
        client: RefCell::new(client),
        queue: RefCell::default(),
        subscribers: RefCell::default(),
        sockets: RefCell::default(),
        wake: RefCell::default(),
        embed: page,
    });
    RUNTIME.set(Some(runtime.clone()));
    runtime.perform(effects);
    if !readable {
        send(Input::StorageWriteFailed { keys: Vec::new() });
    }
    network::listen();
    tabs::listen();
    service_worker::register();
    send(Input::TimerFired);
}

/// The person wants something.
pub fn dispatch(intent: Intent) {
    send(Input::User(intent));
}

/// The root of the server's API.
pub(super) fn api_url() -> String {
    runtime().map(|runtime| runtime.embed.api_url()).unwrap_or_default()
}

/// Reads from the client.
pub fn with_core<R>(read: impl FnOnce(&Core) -> R) -> R {
    let runtime = runtime().expect_throw("the client is started before anything is shown");
    let client = runtime.client.borrow();
    read(&client)
}

/// Calls back after every change.
pub fn subscribe(subscriber: impl Fn(&Changes, &TimelineChanges) + 'static) {
    if let Some(runtime) = runtime() {
        runtime.subscribers.borrow_mut().push(Rc::new(subscriber));
    }
}

/// Something happened. If it happens while something else is being handled, it waits.
pub(super) fn send(input: Input) {
    let Some(runtime) = runtime() else { return };
    runtime.queue.borrow_mut().push_back(input);
    // Whoever holds the client drains the queue when done.
    while let Some(input) = runtime.next() {
        let effects = {
            let Ok(mut client) = runtime.client.try_borrow_mut() else {
                runtime.queue.borrow_mut().push_front(input);
                return;
            };
            client.handle(input, clock::now())
        };
        runtime.perform(effects);
    }
}

fn runtime() -> Option<Rc<Runtime>> {
    RUNTIME.with_borrow(Clone::clone)
}

/// Tells the developer's console; people are told by the sync panel.
pub(super) fn report(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&what.into(), error);
}

impl Runtime {
    fn next(&self) -> Option<Input> {
        self.queue.borrow_mut().pop_front()
    }

    /// Whether localStorage took it.
    fn store(&self, key: String, value: &str, refusals: &mut RefusedWrites) -> bool {
        if !refusals.is_blocked(&key) {
            let Err(error) = local_storage::store(&key, value) else { return true };
            report("localStorage refused a value", &error);
        }
        refusals.add(key);
        false
    }

    /// Carries out effects in their order. What fails comes back as an input.
    fn perform(&self, effects: Vec<Effect>) {
        let mut refusals = RefusedWrites::default();
        for effect in effects {
            match effect {
                Effect::WriteStorage { key, value } => {
                    self.store(key, &value, &mut refusals);
                }
                Effect::MoveStorage { from, to, value } => {
                    if self.store(to, &value, &mut refusals) {
                        local_storage::remove(&from);
                    }
                }
                Effect::RemoveStorage { key } => local_storage::remove(&key),
                Effect::ReadStorage => {
                    let (stored, _) = local_storage::all();
                    self.queue.borrow_mut().push_back(Input::StorageRead { stored });
                }
                Effect::RequestPersistence => local_storage::persist(),
                Effect::ReadDurableCopy => indexed_db::durable_copy::read(),
                Effect::ReadArchive { user_id } => indexed_db::durable_copy::read_archive(user_id),
                Effect::WriteDurableCopy(write) => indexed_db::durable_copy::write(write),
                Effect::LoadCache { user_id } => indexed_db::load(user_id),
                Effect::WriteCache(write) => indexed_db::write(write),
                Effect::ClearCache { user_id } => indexed_db::clear(user_id),
                Effect::Connect { conn, token } => {
                    self.sockets.borrow_mut().open(conn, &self.embed, token);
                }
                Effect::Send { conn, text } => self.sockets.borrow().send(conn, text),
                Effect::CloseSocket { conn } => self.sockets.borrow_mut().close(conn),
                Effect::WakeAt(at) => *self.wake.borrow_mut() = Some(timers::wake_at(at)),
                Effect::Http(call) => http::call(&self.embed.api_url(), call),
                Effect::PostToPeers(message) => tabs::tell(message),
                Effect::TakeLeaderLock => tabs::take_lock(),
                Effect::Download { name, text } => {
                    if let Err(error) = download::offer(&name, &text) {
                        report("the file could not be offered", &error);
                    }
                }
                Effect::ActivateUpdate => service_worker::activate(),
                Effect::Render(rendered) => {
                    let subscribers = self.subscribers.borrow().clone();
                    for subscriber in subscribers {
                        subscriber(&rendered.changes, &rendered.timeline);
                    }
                }
            }
        }
        if let Some(refused) = refusals.into_input() {
            self.queue.borrow_mut().push_front(refused);
        }
    }
}
