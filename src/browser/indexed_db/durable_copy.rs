//! The durable copy of the buffer, and the archive. A transaction with strict durability is on disk
//! when it is committed.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{IdbObjectStore, IdbTransactionMode};
use wizitime_domain::UserId;

use super::connection::{self, Connection, Store};
use super::range;
use crate::app::input::Input;
use crate::browser::inbox::{report, send, spawn};
use crate::effects::{ArchiveRequest, DurableWrite};

thread_local! {
    /// Writes that wait for the running transaction. None: no transaction is running.
    static WAITING: RefCell<Option<Vec<DurableWrite>>> = const { RefCell::new(None) };
}

/// Reads all of it; `DurableCopyRead` follows.
pub(in crate::browser) fn read() {
    spawn(async {
        let stored = read_all().await;
        if let Err(error) = &stored {
            report("durable copy: read failed", error);
        }
        send(Input::DurableCopyRead { stored: stored.ok() });
    });
}

/// Writes after all earlier writes; `DurableCopyWritten` or `DurableCopyFailed` follows. Writes
/// that arrive while a transaction is running share the next one.
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
        spawn(write_waiting());
    }
}

async fn write_waiting() {
    let mut database = None;
    while let Some(writes) = next() {
        match commit(&mut database, &writes).await {
            Ok(()) => send(Input::DurableCopyWritten { writes }),
            Err(error) => {
                report("durable copy: write failed", &error);
                database = None;
                send(Input::DurableCopyFailed);
            }
        }
    }
}

/// The waiting writes. None if there are none; then the next write starts a new task.
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

/// Reads the archive of an account; `ArchiveRead` follows.
pub(in crate::browser) fn read_archive(request: ArchiveRequest) {
    spawn(async move {
        let archived = read_archived(request.user_id).await;
        let archived = archived.inspect_err(|error| report("archive: read failed", error)).ok();
        send(Input::ArchiveRead { request, archived });
    });
}

async fn read_archived(user_id: UserId) -> Result<Vec<(String, String)>, JsValue> {
    let store = connection::open().await?.store(Store::Archive, IdbTransactionMode::Readonly)?;
    connection::records(&store, &range(user_id)?.into()).await
}

/// All keys and values.
///
/// # Errors
/// The browser's own, if it has no IndexedDB or refuses it.
pub async fn read_all() -> Result<Vec<(String, String)>, JsValue> {
    let store = connection::open().await?.store(Store::Buffer, IdbTransactionMode::Readonly)?;
    connection::records(&store, &JsValue::UNDEFINED).await
}
