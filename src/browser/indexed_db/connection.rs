//! The database, and waiting for what is asked of it.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

const DATABASE: &str = "wizitime";
/// Goes up with every object store that is added.
const VERSION: u32 = 3;

/// The object stores: texts by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// What the server confirmed.
    Confirmed,
    /// The mirror of the buffer.
    Buffer,
    /// What was acknowledged lately.
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

/// Opens the database, and makes it if there is none.
pub(super) async fn open() -> Result<Connection, JsValue> {
    let factory = web_sys::window().ok_or("no window")?.indexed_db()?.ok_or("no IndexedDB")?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let opening = request.clone();
    let upgrade = Closure::once_into_js(move || {
        if let Err(error) = opening.result().and_then(|it| set_up(&it.unchecked_into())) {
            crate::browser::runtime::report("IndexedDB could not be set up", &error);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    finished(&request).await?.dyn_into().map(Connection)
}

/// Makes the object stores that are not there yet.
fn set_up(database: &IdbDatabase) -> Result<(), JsValue> {
    let there = database.object_store_names();
    for store in Store::ALL.into_iter().filter(|store| !there.contains(store.name())) {
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
    /// does not have the options yet; a browser that does not know them passes them over.
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
    /// Takes effect when the last transaction is done.
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

/// An object store of a transaction.
pub(super) fn store_of(
    transaction: &IdbTransaction,
    store: Store,
) -> Result<IdbObjectStore, JsValue> {
    transaction.object_store(store.name())
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
