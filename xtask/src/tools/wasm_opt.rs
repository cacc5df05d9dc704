//! wasm-opt of one tested version.
//!
//! Old versions exit with success and write a module that no browser can start (Debian's 108 does),
//! so a wasm-opt on `PATH` is used only if its version matches.

use std::path::PathBuf;

use super::{is_version, version_of};
use crate::workspace::Workspace;
use crate::{files, shell};

/// The tested version.
pub(crate) const VERSION: &str = "132";

/// Installs wasm-opt with npm if it is missing; prints a warning if that fails.
pub(crate) fn ensure(workspace: &Workspace) {
    if find(workspace).is_some() {
        return;
    }
    println!("Installing wasm-opt {VERSION} into target/tools with npm (some seconds, once).");
    if !install(workspace) {
        println!("Continuing without wasm-opt: the client works, but is slightly larger.");
    }
}

/// The path of wasm-opt [`VERSION`].
pub(crate) fn find(workspace: &Workspace) -> Option<PathBuf> {
    let own = folder(workspace).join("node_modules/.bin/wasm-opt");
    let candidates = [own.is_file().then_some(own), shell::which(workspace, "wasm-opt")];
    candidates.into_iter().flatten().find(|path| {
        let mut ask = shell::program(workspace, &path.to_string_lossy());
        version_of(&mut ask).is_some_and(|answer| is_version(&answer, VERSION))
    })
}

fn install(workspace: &Workspace) -> bool {
    if shell::which(workspace, "npm").is_none() {
        return false;
    }
    let folder = folder(workspace);
    if files::make_folder(&folder).is_err() {
        return false;
    }
    let mut npm = shell::program(workspace, "npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
    npm.arg(format!("binaryen@{VERSION}"));
    shell::run(&mut npm, "").is_ok() && find(workspace).is_some()
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("wasm-opt")
}
