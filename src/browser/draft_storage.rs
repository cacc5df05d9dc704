//! Where drafts are stored: localStorage, under a key for each. A tab that is open holds a lock of
//! its name, so that another one can tell whose drafts nothing writes any more.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::Storage;

use super::inbox::report;
use super::network::on;
use super::{local_storage, locks};
use crate::features::drafts::DRAFT_PREFIX;

/// The key of the tab's id in sessionStorage.
const TAB_KEY: &str = "wizi-draft.tab";

/// A key that exists while there may be drafts, so that none are searched among thousands of
/// events at each start.
const MARK_KEY: &str = "wizi-draft";

thread_local! {
    static TAB: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The id of this tab, which a reload keeps. It is in sessionStorage only between two pages, so
/// that a duplicate of the tab, which has a copy of sessionStorage, gets `new_id`. The tab holds
/// its lock from now on.
pub fn claim_tab(new_id: String) -> String {
    let storage = session_storage();
    let stored = storage.as_ref().and_then(|it| it.get_item(TAB_KEY).ok()?);
    if let Some(Err(error)) = storage.map(|it| it.remove_item(TAB_KEY)) {
        report("the tab's id could not be removed", &error);
    }
    let tab = stored.unwrap_or(new_id);
    request_lock(&tab, None, |_| locks::for_ever());
    TAB.set(tab.clone());
    if let Some(window) = web_sys::window() {
        on(&window, "pagehide", keep_tab);
    }
    tab
}

/// All keys and texts of drafts, of any tab and user.
pub fn all() -> Vec<(String, String)> {
    if !local_storage::contains(MARK_KEY) {
        return Vec::new();
    }
    let found = local_storage::all_below(DRAFT_PREFIX);
    if found.is_empty() {
        local_storage::remove(MARK_KEY);
    }
    found
}

/// Stores a draft, or removes it.
pub fn write(key: &str, text: Option<&str>) {
    match text {
        None => local_storage::remove(key),
        Some(text) => {
            let marked = local_storage::store(MARK_KEY, "");
            if let Err(error) = marked.and_then(|()| local_storage::store(key, text)) {
                // The field has the text.
                report("the draft could not be stored", &error);
            }
        }
    }
}

/// Calls `adopt` if the tab is gone, while no other tab can do the same.
pub fn if_gone(tab: &str, adopt: impl FnOnce() + 'static) {
    request_lock(tab, Some("ifAvailable"), move |lock| {
        if !lock.is_null() {
            adopt();
        }
        JsValue::UNDEFINED
    });
}

fn request_lock(
    tab: &str,
    option: Option<&str>,
    granted: impl FnOnce(JsValue) -> JsValue + 'static,
) {
    let name = [DRAFT_PREFIX, tab].concat();
    if let Err(error) = locks::request(&name, option, Box::new(granted)) {
        report("the lock of the drafts is not available", &error);
    }
}

fn keep_tab() {
    let stored = session_storage().map(|it| TAB.with_borrow(|tab| it.set_item(TAB_KEY, tab)));
    if let Some(Err(error)) = stored {
        report("the tab's id could not be stored", &error);
    }
}

fn session_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
