//! Turns a staged client into what is shipped.
//!
//! The result needs no inline script (so the content security policy can forbid them), has a
//! service worker that knows every file, and in release mode a compressed twin of every file worth
//! it. A release is staged here; in the development loop Trunk does it, and calls
//! `cargo xtask post-build` as a hook after it has written its files and before they replace
//! `dist/`.
//!
//! Files are referenced by the public URL, so all of it works under a sub-path.

mod assemble;
mod boot;
pub(crate) mod compress;
mod digest;
mod function_order;
pub(crate) mod html;
mod imports;
mod minify;
pub(crate) mod names;
mod optimise;
mod panics;
mod public;
mod sections;
mod split;
mod styles;
mod unused_exports;
mod worker;

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::files;
use crate::workspace::Workspace;

/// A staged client: where it is, and the page that starts it.
struct Stage {
    folder: PathBuf,
    /// The URL of the folder, ending in `/`.
    public_url: String,
    is_release: bool,
    /// What the names of the main script (`.js`) and the main module (`_bg.wasm`) start with,
    /// until they get their final names.
    stem: String,
    html: String,
}

/// Builds `dist/` from the module that was compiled for a release.
///
/// # Errors
/// When a file cannot be written, a tool fails, or the page is not as the steps need it.
pub(crate) fn release(workspace: &Workspace) -> Result<(), Failure> {
    let mut stage = assemble::stage(workspace)?;
    finish(workspace, &mut stage)?;
    assemble::publish(workspace, &stage)
}

/// Finishes the client in `TRUNK_STAGING_DIR`.
///
/// # Errors
/// When a file cannot be written, a tool fails, or the page is not as the steps need it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    finish(workspace, &mut Stage::from_trunk(workspace)?)
}

fn finish(workspace: &Workspace, stage: &mut Stage) -> Result<(), Failure> {
    public::copy(&workspace.root().join("public"), &stage.folder)?;
    if stage.is_release {
        split::run(workspace, stage)?;
        optimise::run(workspace, stage)?;
        imports::run(stage)?;
        minify::run(stage)?;
        names::run(stage)?;
    }
    styles::run(stage)?;
    boot::run(stage)?;
    html::check_references(&stage.html, &stage.public_url, &stage.folder)?;
    files::write(&stage.folder.join("index.html"), &stage.html)?;
    let source = files::read_text(&workspace.root().join("public/sw.js"))?;
    worker::write(&source, stage)?;
    if stage.is_release {
        compress::write_twins(&stage.folder)?;
    }
    Ok(())
}

impl Stage {
    fn from_trunk(workspace: &Workspace) -> Result<Self, Failure> {
        check_wasm_opt(&files::read_text(&workspace.root().join("index.html"))?)?;
        let folder = PathBuf::from(trunk("TRUNK_STAGING_DIR")?);
        let html = files::read_text(&folder.join("index.html"))?;
        let is_release = trunk("TRUNK_PROFILE")? == "release";
        let mut public_url = trunk("TRUNK_PUBLIC_URL")?;
        if !public_url.ends_with('/') {
            public_url.push('/');
        }
        let stem = stem(&folder)?;
        Ok(Self { folder, public_url, is_release, stem, html })
    }
}

/// The stem that Trunk chose.
fn stem(folder: &Path) -> Result<String, Failure> {
    let names = files::list(folder)?.into_iter().map(|path| files::url_path(&path));
    let modules: Vec<String> = names.filter(|name| name.ends_with("_bg.wasm")).collect();
    match &modules[..] {
        [module] => Ok(module.trim_end_matches("_bg.wasm").to_owned()),
        _ => Err(Failure::Client {
            what: format!("the build has {} WebAssembly modules instead of one", modules.len()),
            next: "keep one `<link data-trunk rel=\"rust\">` in index.html".to_owned(),
        }),
    }
}

/// Refuses a page that lets Trunk run wasm-opt: it would take any version it finds, fail without
/// one, and not know the chunks.
fn check_wasm_opt(html: &str) -> Result<(), Failure> {
    let links = html::tags(html, "link");
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

fn trunk(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| Failure::Missing {
        what: format!("{name}, which Trunk sets for its hooks,"),
        next: "run `cargo xtask build` or `trunk serve`, which calls post-build itself".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_must_not_optimise_too() {
        assert!(check_wasm_opt("<link data-trunk rel=\"rust\" data-wasm-opt=\"0\">").is_ok());
        let text = check_wasm_opt("<link data-trunk rel=rust data-wasm-opt=z>").unwrap_err();
        assert!(text.explanation().unwrap().contains("data-wasm-opt=\"0\""));
    }
}
