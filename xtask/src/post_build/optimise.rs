//! Shrinks the client with wasm-opt and names it by what it contains.
//!
//! Trunk could run wasm-opt itself, but would take any version it finds and fail without one; and
//! it names the module before optimising, so that two different modules could share a name.

use std::path::{Path, PathBuf};

use super::Stage;
use super::digest::{integrity, name_hash};
use super::html::tags;
use crate::failure::Failure;
use crate::tools::wasm_opt;
use crate::workspace::Workspace;
use crate::{files, shell};

/// What rustc emits for wasm32 and wasm-opt must be told of.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Optimises the staged module where wasm-opt is at hand, renames it, and mends its references.
pub(super) fn run(workspace: &Workspace, stage: &mut Stage) -> Result<(), Failure> {
    let source = PathBuf::from(super::trunk("TRUNK_HTML_FILE")?);
    check_source(&files::read_text(&source)?)?;
    let old = module(&stage.folder)?;
    let path = stage.folder.join(&old);
    if let Some(tool) = wasm_opt::find(workspace) {
        let mut command = shell::program(workspace, &tool.to_string_lossy());
        command.arg("-Oz").args(FEATURES).arg(&path).arg("--output").arg(&path);
        shell::run(&mut command, "remove target/tools/wasm-opt to install wasm-opt afresh")?;
    }
    let bytes = files::read(&path)?;
    let new = renamed(&old, &name_hash(&bytes));
    files::rename(&path, &stage.folder.join(&new))?;
    stage.html = reference(&stage.html, &old, &new, &integrity(&bytes));
    Ok(())
}

/// Trunk must leave the module alone.
fn check_source(html: &str) -> Result<(), Failure> {
    let links = tags(html, "link");
    let mut rust = links.iter().filter(|tag| tag.get("rel") == Some("rust"));
    match rust.all(|tag| tag.get("data-wasm-opt") == Some("0")) {
        true => Ok(()),
        false => Err(Failure::Client {
            what: "index.html lets Trunk run wasm-opt, but post-build does that".to_owned(),
            next: "write `data-wasm-opt=\"0\"` into the `<link data-trunk rel=\"rust\">`"
                .to_owned(),
        }),
    }
}

/// The file name of the one module in the folder.
fn module(folder: &Path) -> Result<String, Failure> {
    let names = files::list(folder)?.into_iter().map(|path| files::url_path(&path));
    let modules: Vec<String> = names.filter(|name| name.ends_with("_bg.wasm")).collect();
    match &modules[..] {
        [module] => Ok(module.clone()),
        _ => Err(Failure::Client {
            what: format!("the build has {} WebAssembly modules instead of one", modules.len()),
            next: "keep one `<link data-trunk rel=\"rust\">` in index.html".to_owned(),
        }),
    }
}

/// `wizitime-OLD_bg.wasm` with another hash.
fn renamed(old: &str, hash: &str) -> String {
    let stem = old.trim_end_matches("_bg.wasm");
    let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
    format!("{name}-{hash}_bg.wasm")
}

/// The page with the module's new name and integrity.
fn reference(html: &str, old: &str, new: &str, integrity: &str) -> String {
    let mut page = html.to_owned();
    for tag in tags(html, "link").into_iter().rev() {
        if !tag.get("href").is_some_and(|url| url.ends_with(old)) {
            continue;
        }
        let mut text = html[tag.place.clone()].to_owned();
        if let Some(stale) = tag.get("integrity") {
            text = text.replace(stale, integrity);
        }
        page.replace_range(tag.place, &text);
    }
    page.replace(old, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_follows_the_renamed_module() {
        let new = renamed("wizitime-0a1b2c3d_bg.wasm", "ffff");
        assert_eq!(new, "wizitime-ffff_bg.wasm");
        let page = "<link rel=preload href=\"/wizitime-0a1b2c3d_bg.wasm\" integrity=\"sha384-x\">\
                    <link rel=modulepreload href=\"/wizitime-0a1b2c3d.js\" integrity=\"sha384-y\">\
                    <script>init('/wizitime-0a1b2c3d_bg.wasm')</script>";
        let expected = page
            .replace("wizitime-0a1b2c3d_bg.wasm", "wizitime-ffff_bg.wasm")
            .replace("sha384-x", "sha384-z");
        assert_eq!(reference(page, "wizitime-0a1b2c3d_bg.wasm", &new, "sha384-z"), expected);
    }

    #[test]
    fn trunk_must_not_optimise_too() {
        assert!(check_source("<link data-trunk rel=\"rust\" data-wasm-opt=\"0\">").is_ok());
        let text = check_source("<link data-trunk rel=rust data-wasm-opt=z>").unwrap_err();
        assert!(text.explanation().unwrap().contains("data-wasm-opt=\"0\""));
    }
}
