//! The database, and waiting for what is asked of it.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

const DATABASE: &str = "wizitime";
const VERSION: u32 = 1;
/// The one object store: texts by key.
const STORE: &str = "confirmed";

/// An open database.
pub(super) struct Connection(IdbDatabase);

/// Opens the database, and makes it if there is none.
pub(super) async fn open() -> Result<Connection, JsValue> {
    let factory = web_sys::window().ok_or("no window")?.indexed_db()?.ok_or("no IndexedDB")?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let opening = request.clone();
    let upgrade = Closure::once_into_js(move || {
        let database: Result<IdbDatabase, _> = opening.result().and_then(JsCast::dyn_into);
        if let Err(error) = database.and_then(|it| it.create_object_store(STORE).map(|_| ())) {
            crate::browser::runtime::report("IndexedDB could not be set up", &error);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    finished(&request).await?.dyn_into().map(Connection)
}

impl Connection {
    /// The object store in a new transaction.
    pub(super) fn store(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        self.0.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
    }
}

impl Drop for Connection {
    /// Takes effect when the last transaction is done.
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Waits for a request's result.
pub(super) async fn finished(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let asked = request.clone();
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => asked.result(),
        Err(_) => Err(asked.error()?.map_or(JsValue::NULL, JsValue::from)),
    }
}

/// Waits until a transaction is committed.
pub(super) async fn committed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    });
    JsFuture::from(promise)
        .await
        .map(|_| ())
        .map_err(|_| transaction.error().map_or(JsValue::NULL, JsValue::from))
}
