//! The IndexedDB database. Every wait for it has a bound: some browsers leave requests unanswered.

use futures_util::future::{Either, select};
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::future::Future;
use std::pin::pin;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::browser::inbox::report;

const DATABASE: &str = "wizitime";
/// Increases with every new object store.
const VERSION: u32 = 3;
/// How long opening may take, in milliseconds.
const OPEN_MS_MAX: i32 = 10_000;
/// How long a request or a transaction may take, in milliseconds.
const TRANSACTION_MS_MAX: i32 = 30_000;

/// The object stores; keys and values are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// The snapshot cache.
    Confirmed,
    /// The durable copy of the buffer.
    Buffer,
    /// The archive.
    Archive,
}

impl Store {
    const ALL: [Self; 3] = [Self::Confirmed, Self::Buffer, Self::Archive];

    const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Buffer => "buffer",
            Self::Archive => "archive",
        }
    }
}

/// An open database.
pub(super) struct Connection(IdbDatabase);

/// Opens the database, and creates it if there is none.
pub(super) async fn open() -> Result<Connection, JsValue> {
    let factory = web_sys::window().ok_or("no window")?.indexed_db()?.ok_or("no IndexedDB")?;
    match opened(factory.open_with_u32(DATABASE, VERSION)?).await {
        // A newer version of the app was used here. What this one needs may still be there.
        Err(error) if is_newer_database(&error) => opened(factory.open(DATABASE)?).await,
        result => result,
    }
}

fn is_newer_database(error: &JsValue) -> bool {
    let name = Reflect::get(error, &"name".into());
    name.is_ok_and(|it| it == "VersionError")
}

async fn opened(request: IdbOpenDbRequest) -> Result<Connection, JsValue> {
    on_upgrade_needed(&request);
    on_blocked(&request);
    match within(OPEN_MS_MAX, answered(&request)).await {
        Ok(database) => {
            let database: IdbDatabase = database.dyn_into()?;
            close_for_newer_version(&database);
            Ok(Connection(database))
        }
        Err(error) => {
            close_when_opened(&request);
            Err(error)
        }
    }
}

/// Creates missing object stores.
fn on_upgrade_needed(request: &IdbOpenDbRequest) {
    let opening = request.clone();
    let upgrade = Closure::once_into_js(move || {
        if let Err(error) = opening.result().and_then(|it| create_stores(&it.unchecked_into())) {
            report("IndexedDB: upgrade failed", &error);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
}

/// A tab with an older version of the database is open, and possibly frozen. The request waits for
/// it within its bound.
fn on_blocked(request: &IdbOpenDbRequest) {
    let blocked = Closure::once_into_js(|| {
        report("IndexedDB: upgrade is blocked by another tab", &JsValue::NULL);
    });
    request.set_onblocked(Some(blocked.unchecked_ref()));
}

/// Closes the database when a tab with a newer version opens it, so that its upgrade is not
/// blocked.
fn close_for_newer_version(database: &IdbDatabase) {
    let closing = database.clone();
    let close = Closure::once_into_js(move || closing.close());
    database.set_onversionchange(Some(close.unchecked_ref()));
}

/// A request that was given up may still open the database, which would block later upgrades.
fn close_when_opened(request: &IdbOpenDbRequest) {
    let opening = request.clone();
    let close = Closure::once_into_js(move || {
        if let Ok(database) = opening.result() {
            database.unchecked_into::<IdbDatabase>().close();
        }
    });
    request.set_onsuccess(Some(close.unchecked_ref()));
}

fn create_stores(database: &IdbDatabase) -> Result<(), JsValue> {
    let existing = database.object_store_names();
    for store in Store::ALL.into_iter().filter(|store| !existing.contains(store.name())) {
        database.create_object_store(store.name())?;
    }
    Ok(())
}

impl Connection {
    /// An object store in a new transaction.
    pub(super) fn store(
        &self,
        store: Store,
        mode: IdbTransactionMode,
    ) -> Result<IdbObjectStore, JsValue> {
        self.0.transaction_with_str_and_mode(store.name(), mode)?.object_store(store.name())
    }

    /// A new transaction on these object stores that is on disk when it is committed. `web_sys`
    /// lacks the options; a browser that does not know them ignores them.
    pub(super) fn strict(&self, stores: &[Store]) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        let names: Array = stores.iter().map(|store| JsValue::from_str(store.name())).collect();
        let transaction = begin.call3(&self.0, &names, &"readwrite".into(), &options)?;
        Ok(transaction.unchecked_into())
    }
}

impl Drop for Connection {
    /// Takes effect when the last transaction has ended.
    fn drop(&mut self) {
        self.0.close();
    }
}

/// All records within a range of keys.
pub(super) async fn records(
    store: &IdbObjectStore,
    range: &JsValue,
) -> Result<Vec<(String, String)>, JsValue> {
    // Both requests run in one transaction, so they see the same records.
    let keys = store.get_all_keys_with_key(range)?;
    let values = store.get_all_with_key(range)?;
    let keys = Array::from(&finished(&keys).await?);
    let values = Array::from(&finished(&values).await?);
    let texts = keys.iter().zip(values.iter());
    Ok(texts.filter_map(|(key, value)| Some((key.as_string()?, value.as_string()?))).collect())
}

/// Waits for a request's result.
pub(super) async fn finished(request: &IdbRequest) -> Result<JsValue, JsValue> {
    within(TRANSACTION_MS_MAX, answered(request)).await
}

/// An object store of a transaction.
pub(super) fn store_of(
    transaction: &IdbTransaction,
    store: Store,
) -> Result<IdbObjectStore, JsValue> {
    transaction.object_store(store.name())
}

/// Waits until a transaction is committed. One that takes too long is aborted.
pub(super) async fn committed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    });
    let result = within(TRANSACTION_MS_MAX, JsFuture::from(promise)).await;
    result.map(|_| ()).map_err(|error| {
        // An error here means that the transaction has ended already.
        let aborted = transaction.abort().is_ok();
        let reason = transaction.error().map(JsValue::from);
        if aborted { error } else { reason.unwrap_or(error) }
    })
}

async fn answered(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error()?.map_or(JsValue::NULL, JsValue::from)),
    }
}

/// The result of `future`, or an error after `ms` milliseconds.
async fn within(
    ms: i32,
    future: impl Future<Output = Result<JsValue, JsValue>>,
) -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let timer = Promise::new(&mut |resolve: Function, reject: Function| {
        let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        // Without a timer there is no waiting either.
        if set.is_err() && reject.call0(&JsValue::NULL).is_err() {
            report("no timer", &JsValue::NULL);
        }
    });
    match select(pin!(future), pin!(JsFuture::from(timer))).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err("IndexedDB did not answer in time".into()),
    }
}
