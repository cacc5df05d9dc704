//! The mirror of the buffer. localStorage is on disk seconds after it was written; a transaction
//! with strict durability is when it says so.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{IdbObjectStore, IdbTransactionMode};
use wizitime_domain::UserId;

use super::connection::{self, Connection, Store};
use super::range;
use crate::app::effect::DurableWrite;
use crate::app::input::Input;
use crate::browser::runtime::{report, send};
use crate::browser::task::spawn;

thread_local! {
    /// What is to be written while a transaction runs. None: no transaction runs.
    static WAITING: RefCell<Option<Vec<DurableWrite>>> = const { RefCell::new(None) };
}

/// Reads all of it; `MirrorRead` follows.
pub(in crate::browser) fn read() {
    spawn(async {
        let stored = read_all().await;
        if let Err(error) = &stored {
            report("the mirror of the buffer could not be read", error);
        }
        send(Input::DurableCopyRead { stored: stored.ok() });
    });
}

/// Writes after everything that was to be written before; `Mirrored` or `MirrorFailed` follows.
/// What comes while a transaction runs goes together into the next.
pub(in crate::browser) fn write(write: DurableWrite) {
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
        match commit(&mut database, &writes).await {
            Ok(()) => {
                let keys = keys(writes.iter().flat_map(|write| &write.puts));
                let archived = self::keys(writes.iter().flat_map(|write| &write.archive_puts));
                send(Input::DurableCopyWritten { keys, archived });
            }
            Err(error) => {
                report("the mirror of the buffer could not be written", &error);
                database = None;
                send(Input::DurableCopyFailed);
            }
        }
    }
}

fn keys<'a>(records: impl Iterator<Item = &'a (String, String)>) -> Vec<String> {
    records.map(|(key, _)| key.clone()).collect()
}

/// What waits, or none; then whoever writes next has to start anew.
fn next() -> Option<Vec<DurableWrite>> {
    WAITING.with_borrow_mut(|waiting| {
        let writes = waiting.take().filter(|writes| !writes.is_empty());
        *waiting = writes.is_some().then(Vec::new);
        writes
    })
}

async fn commit(database: &mut Option<Connection>, writes: &[DurableWrite]) -> Result<(), JsValue> {
    let connection = match database.take() {
        Some(connection) => connection,
        None => connection::open().await?,
    };
    let transaction = connection.strict(&[Store::Buffer, Store::Archive])?;
    let buffer = connection::store_of(&transaction, Store::Buffer)?;
    let archive = connection::store_of(&transaction, Store::Archive)?;
    for write in writes {
        change(&buffer, &write.removes, &write.puts)?;
        change(&archive, &write.archive_removes, &write.archive_puts)?;
    }
    connection::committed(&transaction).await?;
    *database = Some(connection);
    Ok(())
}

fn change(
    store: &IdbObjectStore,
    removes: &[String],
    puts: &[(String, String)],
) -> Result<(), JsValue> {
    for key in removes {
        store.delete(&key.into())?;
    }
    for (key, value) in puts {
        store.put_with_key(&value.into(), &key.into())?;
    }
    Ok(())
}

/// Reads what is kept of an account's acknowledged events; `ArchiveRead` follows.
pub(in crate::browser) fn read_archive(user_id: UserId) {
    spawn(async move {
        let archived = read_archived(user_id).await.unwrap_or_else(|error| {
            report("what was acknowledged lately could not be read", &error);
            Vec::new()
        });
        send(Input::ArchiveRead { user_id, archived });
    });
}

async fn read_archived(user_id: UserId) -> Result<Vec<(String, String)>, JsValue> {
    let store = connection::open().await?.store(Store::Archive, IdbTransactionMode::Readonly)?;
    connection::records(&store, &range(user_id)?.into()).await
}

/// All keys and texts.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn read_all() -> Result<Vec<(String, String)>, JsValue> {
    let store = connection::open().await?.store(Store::Buffer, IdbTransactionMode::Readonly)?;
    connection::records(&store, &JsValue::UNDEFINED).await
}
