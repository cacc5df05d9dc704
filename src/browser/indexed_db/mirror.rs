//! The mirror of the buffer. localStorage is on disk seconds after it was written; a transaction
//! with strict durability is when it says so.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::IdbTransactionMode;

use super::connection::{self, Connection, Store};
use crate::browser::runtime::{report, send};
use crate::browser::task::spawn;
use crate::effect::MirrorWrite;
use crate::input::Input;

thread_local! {
    /// What is to be written while a transaction runs. None: no transaction runs.
    static WAITING: RefCell<Option<Vec<MirrorWrite>>> = const { RefCell::new(None) };
}

/// Reads all of it; `MirrorRead` follows.
pub(in crate::browser) fn read() {
    spawn(async {
        let stored = read_all().await;
        if let Err(error) = &stored {
            report("the mirror of the buffer could not be read", error);
        }
        send(Input::MirrorRead { stored: stored.ok() });
    });
}

/// Writes after everything that was to be written before; `Mirrored` or `MirrorFailed` follows.
/// What comes while a transaction runs goes together into the next.
pub(in crate::browser) fn write(write: MirrorWrite) {
    let is_busy = WAITING.with_borrow_mut(|waiting| match waiting {
        Some(waiting) => {
            waiting.push(write);
            true
        }
        None => {
            *waiting = Some(vec![write]);
            false
        }
    });
    if !is_busy {
        spawn(work_off());
    }
}

async fn work_off() {
    let mut database = None;
    while let Some(writes) = next() {
        let keys = writes.iter().flat_map(|write| &write.puts).map(|(key, _)| key.clone());
        let keys: Vec<String> = keys.collect();
        match commit(&mut database, &writes).await {
            Ok(()) if keys.is_empty() => (),
            Ok(()) => send(Input::Mirrored { keys }),
            Err(error) => {
                report("the mirror of the buffer could not be written", &error);
                database = None;
                send(Input::MirrorFailed);
            }
        }
    }
}

/// What waits, or none; then whoever writes next has to start anew.
fn next() -> Option<Vec<MirrorWrite>> {
    WAITING.with_borrow_mut(|waiting| {
        let writes = waiting.take().filter(|writes| !writes.is_empty());
        *waiting = writes.is_some().then(Vec::new);
        writes
    })
}

async fn commit(database: &mut Option<Connection>, writes: &[MirrorWrite]) -> Result<(), JsValue> {
    let connection = match database.take() {
        Some(connection) => connection,
        None => connection::open().await?,
    };
    let store = connection.strict_store(Store::Buffer)?;
    for write in writes {
        for key in &write.removes {
            store.delete(&key.into())?;
        }
        for (key, value) in &write.puts {
            store.put_with_key(&value.into(), &key.into())?;
        }
    }
    connection::committed(&store.transaction()).await?;
    *database = Some(connection);
    Ok(())
}

/// All keys and texts.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn read_all() -> Result<Vec<(String, String)>, JsValue> {
    let store = connection::open().await?.store(Store::Buffer, IdbTransactionMode::Readonly)?;
    connection::records(&store, &JsValue::UNDEFINED).await
}
