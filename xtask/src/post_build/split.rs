//! Splits the module: what the timer page needs stays in it, each lazily loaded page becomes a
//! chunk of its own.
//!
//! The split tool works on the module as the linker left it, before wasm-bindgen. So wasm-bindgen
//! runs on the part that remains, and the result replaces what Trunk may have staged.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

use super::Stage;
use super::{panics, unused_exports};
use crate::failure::Failure;
use crate::files;
use crate::wasm::unreadable;
use crate::workspace::Workspace;

/// The script that fetches chunks, as the split tool and the main script call it.
pub(super) const LINK_SCRIPT: &str = "__wasm_split.js";

/// The module that a build with the feature `split` imports until the split tool has run.
const PLACEHOLDER_IMPORT: &[u8] = b"__wasm_split_placeholder__";

/// Splits the client that Trunk compiled, if it was built with the feature `split`. Chunks and the
/// link script are then beside the main module in the stage, under their provisional names.
pub(super) fn run(workspace: &Workspace, stage: &Stage) -> Result<(), Failure> {
    let raw = files::read(&workspace.raw_wasm())?;
    if !raw.windows(PLACEHOLDER_IMPORT.len()).any(|window| window == PLACEHOLDER_IMPORT) {
        println!("The client is not split: it was built without `--features split`.");
        return Ok(());
    }
    let work = stage.folder.join(".split");
    files::make_folder(&work)?;
    let main = work.join("main.wasm");
    let trapped = panics::trapped(&unused_exports::removed(&raw)?).map_err(unreadable)?;
    split(&trapped, &stage.stem, &work, &main)?;
    bind(&stage.stem, &work, &main)?;
    fs::remove_file(&main).map_err(|error| Failure::file("remove", &main, error))?;
    for file in files::list(&work)? {
        files::rename(&work.join(&file), &stage.folder.join(&file))?;
    }
    files::remove_folder_if_there(&work)
}

fn split(raw: &[u8], stem: &str, work: &Path, main: &Path) -> Result<(), Failure> {
    let script = format!("./{stem}.js");
    let link = format!("./{LINK_SCRIPT}");
    let mut options = Options::new(raw);
    options.output_dir = work;
    options.main_out_path = main;
    options.main_module = &script;
    options.link_name = &link;
    options.target.web();
    transform(options).map(drop).map_err(|error| Failure::Client {
        what: format!("the client cannot be split into chunks: {error:#}"),
        next: "look at the lazily loaded pages in src/layout/lazy.rs".to_owned(),
    })
}

/// Runs wasm-bindgen as a library: its version is that of the linked crate, because Cargo accepts
/// only one of `wasm-bindgen-shared`.
fn bind(stem: &str, work: &Path, main: &Path) -> Result<(), Failure> {
    let mut bindgen = Bindgen::new();
    let generated = bindgen.web(true).and_then(|bindgen| {
        // The chunks import what the linker exported, under its own names.
        bindgen.keep_lld_exports(true).demangle(false).omit_default_module_path(false);
        bindgen.input_path(main).out_name(stem).generate(work)
    });
    generated.map_err(|error| Failure::Client {
        what: format!("wasm-bindgen cannot write the main script: {error:#}"),
        next: "compare the version of wasm-bindgen in Cargo.toml with that of \
               wasm-bindgen-cli-support in xtask/Cargo.toml"
            .to_owned(),
    })
}
