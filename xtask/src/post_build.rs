//! `cargo xtask post-build`: turns what Trunk has staged into what is shipped.
//!
//! Trunk calls it as a hook, after it has written its files and before they replace `dist/`. The
//! result needs no inline script (so the content security policy can forbid them), has a service
//! worker that knows every file, and in release mode a compressed twin of every file worth it.
//!
//! Files are referenced by the public URL Trunk was given, so all of it works under a sub-path.

mod binary;
mod boot;
pub(crate) mod compress;
mod digest;
mod function_order;
pub(crate) mod html;
mod imports;
mod minify;
pub(crate) mod names;
mod optimise;
mod public;
mod split;
mod styles;
mod unused_exports;
mod worker;

use std::env;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::files;
use crate::workspace::Workspace;

/// A staged client: where it is, and the page that starts it.
struct Stage {
    folder: PathBuf,
    /// The URL of the folder, ending in `/`.
    public_url: String,
    is_release: bool,
    html: String,
}

/// Finishes the client in `TRUNK_STAGING_DIR`.
///
/// # Errors
/// When a file cannot be written, or the page is not as the steps need it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let mut stage = Stage::from_trunk()?;
    public::copy(&workspace.root().join("public"), &stage.folder)?;
    if stage.is_release {
        split::run(workspace, &stage)?;
        optimise::run(workspace, &stage)?;
        imports::run(&stage)?;
        minify::run(&stage)?;
        names::run(&mut stage)?;
    }
    styles::run(&mut stage)?;
    boot::run(&mut stage)?;
    html::check_references(&stage.html, &stage.public_url, &stage.folder)?;
    files::write(&stage.folder.join("index.html"), &stage.html)?;
    let source = files::read_text(&workspace.root().join("public/sw.js"))?;
    worker::write(&source, &stage)?;
    if stage.is_release {
        compress::write_twins(&stage.folder)?;
    }
    Ok(())
}

impl Stage {
    fn from_trunk() -> Result<Self, Failure> {
        let folder = PathBuf::from(trunk("TRUNK_STAGING_DIR")?);
        let html = files::read_text(&folder.join("index.html"))?;
        let is_release = trunk("TRUNK_PROFILE")? == "release";
        let mut public_url = trunk("TRUNK_PUBLIC_URL")?;
        if !public_url.ends_with('/') {
            public_url.push('/');
        }
        Ok(Self { folder, public_url, is_release, html })
    }

    /// The file name that the main script (`.js`) and the main module (`_bg.wasm`) share.
    fn main_stem(&self) -> Result<String, Failure> {
        let names = files::list(&self.folder)?.into_iter().map(|path| files::url_path(&path));
        let modules: Vec<String> = names.filter(|name| name.ends_with("_bg.wasm")).collect();
        match &modules[..] {
            [module] => Ok(module.trim_end_matches("_bg.wasm").to_owned()),
            _ => Err(Failure::Client {
                what: format!("the build has {} WebAssembly modules instead of one", modules.len()),
                next: "keep one `<link data-trunk rel=\"rust\">` in index.html".to_owned(),
            }),
        }
    }
}

fn trunk(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| Failure::Missing {
        what: format!("{name}, which Trunk sets for its hooks,"),
        next: "run `cargo xtask build` or `trunk build`; they call post-build themselves"
            .to_owned(),
    })
}
