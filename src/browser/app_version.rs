//! Whether the server has another version of the app than the one that runs in this tab.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::history::base_path;

/// The script that starts this version. Its name is a hash of the names of all modules and scripts
/// of the first load.
const BOOT_SCRIPT: &str = "script[type=module][src]";

/// Whether the server's page starts another version. False if the server cannot be reached.
pub async fn is_outdated() -> bool {
    matches!(boot_script_is_current().await, Ok(Some(false)))
}

async fn boot_script_is_current() -> Result<Option<bool>, JsValue> {
    let Some(window) = web_sys::window() else { return Ok(None) };
    let script = match window.document() {
        Some(document) => document.query_selector(BOOT_SCRIPT)?,
        None => None,
    };
    let Some(script) = script.and_then(|it| it.get_attribute("src")) else { return Ok(None) };
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    let reply = window.fetch_with_str_and_init(&base_path(), &init);
    let response: Response = JsFuture::from(reply).await?.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let page = JsFuture::from(response.text()?).await?.as_string();
    Ok(page.map(|page| page.contains(&script)))
}
