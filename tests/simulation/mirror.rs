//! IndexedDB: the mirror of the buffer and the archive, as a browser changes them.

use std::collections::BTreeMap;

use wizitime::effect::MirrorWrite;
use wizitime::input::Input;

/// Makes a change, whole; what the tab that asked for it hears then.
pub(crate) fn change(
    mirror: &mut BTreeMap<String, String>,
    archive: &mut BTreeMap<String, String>,
    write: MirrorWrite,
) -> Input {
    let MirrorWrite { puts, removes, archives, unarchives } = write;
    let keys = replace(mirror, &removes, puts);
    let archived = replace(archive, &unarchives, archives);
    Input::Mirrored { keys, archived }
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
