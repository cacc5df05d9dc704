//! IndexedDB: the mirror of the buffer and the archive, as a browser changes them.

use std::collections::BTreeMap;

use wizitime::app::effect::DurableWrite;
use wizitime::app::input::Input;

/// Makes a change, whole; what the tab that asked for it hears then.
pub(crate) fn change(
    mirror: &mut BTreeMap<String, String>,
    archive: &mut BTreeMap<String, String>,
    write: DurableWrite,
) -> Input {
    let DurableWrite { puts, removes, archive_puts, archive_removes } = write;
    let keys = replace(mirror, &removes, puts);
    let archived = replace(archive, &archive_removes, archive_puts);
    Input::DurableCopyWritten { keys, archived }
}

/// Answers the keys that were put in.
fn replace(
    store: &mut BTreeMap<String, String>,
    removes: &[String],
    puts: Vec<(String, String)>,
) -> Vec<String> {
    for key in removes {
        store.remove(key);
    }
    let keys = puts.iter().map(|(key, _)| key.clone()).collect();
    store.extend(puts);
    keys
}
