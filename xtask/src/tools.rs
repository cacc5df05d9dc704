//! Tools for builds and tests: used from `PATH` if the version matches, otherwise installed into
//! `target/tools`.

pub(crate) mod browser;
mod cargo_tool;
mod debian;
mod musl;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod proxies;
pub(crate) mod wasm_opt;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};
use cargo_tool::CargoTool;

/// Version of Trunk; `Trunk.toml` requires the same.
const TRUNK_VERSION: &str = "0.21.14";

/// Version of wasm-pack, which runs the browser tests.
const WASM_PACK_VERSION: &str = "0.15.1";

/// Version of cargo-deny, which reads `deny.toml`.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// Trunk needs TLS only to download tools and to check for updates. It hashes every file.
const TRUNK_OPTIONS: [&str; 4] =
    ["--locked", "--no-default-features", "--config", "profile.release.package.sha2.opt-level=3"];

/// A browser on this machine needs no TLS. `trunk serve` runs wasm-bindgen on a large debug
/// module at every change.
const WASM_BINDGEN_OPTIONS: [&str; 9] = [
    "--no-default-features",
    "--config",
    "profile.release.package.walrus.opt-level=1",
    "--config",
    "profile.release.package.wasmparser.opt-level=1",
    "--config",
    "profile.release.package.wasm-encoder.opt-level=1",
    "--config",
    "profile.release.package.wasm-bindgen-cli-support.opt-level=1",
];

/// The target of the client.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Ensures the tools that build the client: wasm target and wasm-opt. xtask links the others.
///
/// # Errors
/// When a tool is missing and cannot be installed. A missing wasm-opt is not an error.
pub(crate) fn for_build(workspace: &Workspace) -> Result<(), Failure> {
    let _installing = lock();
    wasm_target(workspace)?;
    wasm_opt::ensure(workspace);
    Ok(())
}

/// Ensures Trunk, and the wasm-bindgen that it runs.
///
/// # Errors
/// When a tool is missing and cannot be installed.
pub(crate) fn trunk(workspace: &Workspace) -> Result<(), Failure> {
    let _installing = lock();
    wasm_bindgen(workspace)?;
    let trunk = CargoTool {
        name: "trunk",
        package: "trunk",
        version: TRUNK_VERSION,
        options: &TRUNK_OPTIONS,
        minutes: 3,
    };
    trunk.ensure(workspace)
}

/// Ensures the tools that run the browser tests, except for the browser.
///
/// # Errors
/// When a tool is missing and cannot be installed.
pub(crate) fn for_browser_tests(workspace: &Workspace) -> Result<(), Failure> {
    let _installing = lock();
    wasm_target(workspace)?;
    wasm_bindgen(workspace)?;
    let wasm_pack = CargoTool {
        name: "wasm-pack",
        package: "wasm-pack",
        version: WASM_PACK_VERSION,
        options: &["--locked"],
        minutes: 2,
    };
    wasm_pack.ensure(workspace)
}

/// Ensures cargo-deny.
///
/// # Errors
/// When it cannot be installed.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<(), Failure> {
    let _installing = lock();
    let cargo_deny = CargoTool {
        name: "cargo-deny",
        package: "cargo-deny",
        version: CARGO_DENY_VERSION,
        options: &["--locked"],
        minutes: 2,
    };
    cargo_deny.ensure(workspace)
}

/// Waits until no other thread installs tools: `cargo xtask test` installs them in advance.
fn lock() -> MutexGuard<'static, ()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    INSTALLING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The version of the command-line tool must equal that of the linked crate.
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
    // Not --locked: its lock file pins dependencies that do not compile with current compilers.
    let wasm_bindgen = CargoTool {
        name: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version,
        options: &WASM_BINDGEN_OPTIONS,
        minutes: 1,
    };
    wasm_bindgen.ensure(workspace)
}

/// Ensures the tools that link a program statically; returns the target.
///
/// # Errors
/// When a tool is missing and cannot be installed.
pub(crate) fn for_dist(workspace: &Workspace) -> Result<String, Failure> {
    musl::ensure(workspace)
}

/// Installs the programs that check the deployment files where that is possible; without one, its
/// tests are skipped.
///
/// # Errors
/// When the installation fails.
pub(crate) fn for_deployment(workspace: &Workspace) -> Result<(), Failure> {
    const PROGRAMS: [debian::Program; 2] =
        [("systemd-analyze", "systemd"), ("docker-compose", "docker-compose")];
    debian::ensure(workspace, &PROGRAMS).map(drop)
}

/// Installs fail2ban-regex where that is possible; without it, the test of the filter is skipped.
///
/// # Errors
/// When the installation fails.
pub(crate) fn fail2ban(workspace: &Workspace) -> Result<(), Failure> {
    debian::ensure(workspace, &[("fail2ban-regex", "fail2ban")]).map(drop)
}

/// Ensures the compiler's part for WebAssembly.
///
/// # Errors
/// When it is missing and cannot be installed.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<(), Failure> {
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

/// The version of a package in `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// Whether the `--version` output of a tool contains exactly that version.
fn is_version(answer: &str, version: &str) -> bool {
    answer.split_whitespace().any(|word| word == version)
}

/// The output of a program for `--version`.
fn version_of(command: &mut Command) -> Option<String> {
    shell::answer(command.arg("--version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn lock_file_is_searched_by_exact_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn versions_are_compared_exactly() {
        assert!(is_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!is_version("wasm-opt version 108 (version_108)", "132"));
        assert!(!is_version("trunk 0.21.140", "0.21.14"));
    }

    #[test]
    fn trunk_toml_requires_the_installed_versions() {
        let config = include_str!("../../Trunk.toml");
        assert!(config.contains(&format!("trunk-version = \"={TRUNK_VERSION}\"")));
        assert!(config.contains(&format!("wasm_opt = \"version_{}\"", wasm_opt::VERSION)));
    }
}
