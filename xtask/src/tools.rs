//! The tools a build or a test needs: found if they fit, installed into `target/tools` if not.

pub(crate) mod browser;
mod cargo_tool;
mod debian;
mod musl;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod wasm_opt;

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};
use cargo_tool::CargoTool;

/// The version of Trunk that builds the client; `Trunk.toml` demands the same one.
const TRUNK_VERSION: &str = "0.21.14";

/// The version of wasm-pack that runs the browser tests.
const WASM_PACK_VERSION: &str = "0.15.1";

/// The version of cargo-deny that reads `deny.toml`.
const CARGO_DENY_VERSION: &str = "0.20.2";

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the client can be built: wasm target, Trunk, wasm-bindgen, wasm-opt.
///
/// # Errors
/// When something is missing that xtask cannot install. A missing wasm-opt is not an error.
pub(crate) fn for_build(workspace: &Workspace) -> Result<(), Failure> {
    wasm_target(workspace)?;
    wasm_bindgen(workspace)?;
    CargoTool { name: "trunk", version: TRUNK_VERSION, locked: true, minutes: 6 }
        .ensure(workspace)?;
    wasm_opt::ensure(workspace);
    Ok(())
}

/// Makes sure that the browser tests can be compiled and driven, except for the browser.
pub(crate) fn for_browser_tests(workspace: &Workspace) -> Result<(), Failure> {
    wasm_target(workspace)?;
    wasm_bindgen(workspace)?;
    CargoTool { name: "wasm-pack", version: WASM_PACK_VERSION, locked: true, minutes: 3 }
        .ensure(workspace)
}

/// Makes sure that dependencies can be checked.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<(), Failure> {
    CargoTool { name: "cargo-deny", version: CARGO_DENY_VERSION, locked: true, minutes: 2 }
        .ensure(workspace)
}

/// wasm-bindgen's command-line half works only with exactly the version the client links.
fn wasm_bindgen(workspace: &Workspace) -> Result<(), Failure> {
    let path = workspace.root().join("Cargo.lock");
    let lock = files::read_text(&path)?;
    let Some(version) = locked_version(&lock, "wasm-bindgen") else {
        return Err(Failure::Missing {
            what: "wasm-bindgen in Cargo.lock".to_owned(),
            next: "run `cargo update --workspace`, so that Cargo.lock has every dependency"
                .to_owned(),
        });
    };
    // Its own lock file is left aside: it pins dependencies that are older than our compiler likes.
    CargoTool { name: "wasm-bindgen", version, locked: false, minutes: 3 }.ensure(workspace)
}

/// Makes sure that a program can be linked statically, and says for which target.
///
/// # Errors
/// When something is missing that xtask cannot install.
pub(crate) fn for_dist(workspace: &Workspace) -> Result<String, Failure> {
    musl::ensure(workspace)
}

/// Installs the program that checks units, where that is possible; the tests say if they go
/// without.
///
/// # Errors
/// When the installation fails.
pub(crate) fn systemd(workspace: &Workspace) -> Result<(), Failure> {
    match shell::which(workspace, "systemd-analyze") {
        Some(_) => Ok(()),
        None => debian::install(workspace, &["systemd"], 1),
    }
}

fn wasm_target(workspace: &Workspace) -> Result<(), Failure> {
    rust_target(workspace, WASM_TARGET)
}

fn rust_target(workspace: &Workspace, target: &str) -> Result<(), Failure> {
    let mut ask = shell::program(workspace, "rustc");
    ask.args(["--print", "target-libdir", "--target", target]);
    if shell::answer(&mut ask).is_some_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    if shell::which(workspace, "rustup").is_none() {
        return Err(Failure::Missing {
            what: format!("the Rust target {target}"),
            next: "install Rust with rustup (https://rustup.rs), or your system's package for \
                   that target"
                .to_owned(),
        });
    }
    println!("Installing the Rust target {target} (some seconds, once).");
    let mut install = shell::program(workspace, "rustup");
    shell::run(install.args(["target", "add", target]), "check the network and try again")
}

/// The version `Cargo.lock` fixes for a package.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// Whether a tool's `--version` line names exactly that version.
fn is_version(answer: &str, version: &str) -> bool {
    answer.split_whitespace().any(|word| word == version)
}

/// What a program answers to `--version`.
fn version_of(command: &mut Command) -> Option<String> {
    shell::answer(command.arg("--version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn the_lock_file_is_read_by_exact_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn versions_are_compared_whole() {
        assert!(is_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!is_version("wasm-opt version 108 (version_108)", "132"));
        assert!(!is_version("trunk 0.21.140", "0.21.14"));
    }

    #[test]
    fn trunk_toml_demands_what_xtask_installs() {
        let config = include_str!("../../Trunk.toml");
        assert!(config.contains(&format!("trunk-version = \"={TRUNK_VERSION}\"")));
        assert!(config.contains(&format!("wasm_opt = \"version_{}\"", wasm_opt::VERSION)));
    }
}
