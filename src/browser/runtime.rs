//! The runtime: passes inputs to the core and performs its effects with the adapters.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::UnwrapThrowExt as _;
use wizitime_domain::{DeviceId, IdSource, WriterId};

use super::clock::{self, BrowserZone};
use super::inbox::{self, report, send};
use super::websocket::Sockets;
use super::{
    download, embed, http, indexed_db, local_storage, network, service_worker, tabs, timers,
    undo_storage,
};
use crate::app::input::{Input, StartupData};
use crate::app::{Core, RefusedWrites};
use crate::effects::Effect;
use crate::features::Intent;
use crate::store::slices::notices::Notice;
use crate::store::{Changes, TimelineChanges};

type Subscriber = Rc<dyn Fn(&Changes, &TimelineChanges)>;

struct Runtime {
    core: RefCell<Core>,
    /// Inputs that arrived while another was being handled.
    queue: RefCell<VecDeque<Input>>,
    subscribers: RefCell<Vec<Subscriber>>,
    sockets: RefCell<Sockets>,
    timer: RefCell<Option<gloo_timers::callback::Timeout>>,
    embed: embed::Page,
}

thread_local! {
    static RUNTIME: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
}

/// Starts the core of this tab and the adapters that report to it.
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
    let (core, effects) = Core::start(startup, ids, Box::new(BrowserZone), now);
    let runtime = Rc::new(Runtime {
        core: RefCell::new(core),
        queue: RefCell::default(),
        subscribers: RefCell::default(),
        sockets: RefCell::default(),
        timer: RefCell::default(),
        embed: page,
    });
    RUNTIME.set(Some(runtime.clone()));
    inbox::connect(handle);
    runtime.perform(effects);
    if !readable {
        send(Input::StorageWriteFailed { keys: Vec::new() });
    }
    network::listen();
    tabs::listen();
    service_worker::register();
    send(Input::TimerFired);
}

/// Dispatches an intent of the user.
pub fn dispatch(intent: Intent) {
    send(Input::User(intent));
}

/// Dispatches an intent of the user, for a caller that holds text until it is accepted. Returns
/// whether it was carried out; if not, a notice says why.
pub fn try_dispatch(intent: Intent) -> bool {
    let count = || with_core(|core| core.state().notices.count);
    let before = count();
    dispatch(intent);
    let is_refusal = |it: &Notice| matches!(it, Notice::Refused(_));
    let is_refused =
        with_core(|core| core.state().notices.current.as_ref().is_some_and(is_refusal));
    !is_refused || count() == before
}

/// The root of the server's API.
pub(super) fn api_url() -> String {
    runtime().map(|runtime| runtime.embed.api_url()).unwrap_or_default()
}

/// Reads from the core.
pub fn with_core<R>(read: impl FnOnce(&Core) -> R) -> R {
    let runtime = runtime().expect_throw("the core is started before anything is shown");
    let core = runtime.core.borrow();
    read(&core)
}

/// The 128 bits of a new id, for an intent that names what it creates.
pub fn new_id() -> [u8; 16] {
    let runtime = runtime().expect_throw("the core is started before anything is shown");
    runtime.core.borrow_mut().new_id(clock::now())
}

/// Calls back after every change.
pub fn subscribe(subscriber: impl Fn(&Changes, &TimelineChanges) + 'static) {
    if let Some(runtime) = runtime() {
        runtime.subscribers.borrow_mut().push(Rc::new(subscriber));
    }
}

/// Handles an input, and all that arrive meanwhile.
fn handle(input: Input) {
    let Some(runtime) = runtime() else { return };
    runtime.queue.borrow_mut().push_back(input);
    while let Some(input) = runtime.next() {
        let effects = {
            // While the core is in use, its user's call to `handle` takes the queue later.
            let Ok(mut core) = runtime.core.try_borrow_mut() else {
                runtime.queue.borrow_mut().push_front(input);
                return;
            };
            core.handle(input, clock::now())
        };
        runtime.perform(effects);
    }
}

fn runtime() -> Option<Rc<Runtime>> {
    RUNTIME.with_borrow(Clone::clone)
}

impl Runtime {
    fn next(&self) -> Option<Input> {
        self.queue.borrow_mut().pop_front()
    }

    /// Writes to localStorage, unless an earlier write of the list was refused. Returns whether
    /// it was written.
    fn store(&self, key: String, value: &str, refusals: &mut RefusedWrites) -> bool {
        if !refusals.is_blocked(&key) {
            let Err(error) = local_storage::store(&key, value) else { return true };
            report("localStorage: write failed", &error);
        }
        refusals.add(key);
        false
    }

    /// Performs effects in order. Failures come back as inputs.
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
                Effect::ReadArchive(request) => indexed_db::durable_copy::read_archive(request),
                Effect::WriteDurableCopy(write) => indexed_db::durable_copy::write(write),
                Effect::LoadCache { user_id } => indexed_db::load(user_id),
                Effect::WriteCache(write) => indexed_db::write(write),
                Effect::ClearCache { user_id } => indexed_db::clear(user_id),
                Effect::Connect { conn, token } => {
                    self.sockets.borrow_mut().open(conn, &self.embed, token);
                }
                Effect::Send { conn, text } => self.sockets.borrow().send(conn, text),
                Effect::CloseSocket { conn } => self.sockets.borrow_mut().close(conn),
                Effect::WakeAt(at) => *self.timer.borrow_mut() = Some(timers::wake_at(at)),
                Effect::Http(call) => http::call(&self.embed.api_url(), call),
                Effect::PostToPeers(message) => tabs::post(message),
                Effect::TakeLeaderLock => tabs::take_lock(),
                Effect::Download { name, text } => {
                    if let Err(error) = download::offer(&name, &text) {
                        report("download failed", &error);
                    }
                }
                Effect::Remember { step, kind } => {
                    let owner = self.core.borrow().state().session.owner();
                    undo_storage::remember(owner, *step, kind);
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
