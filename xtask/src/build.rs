//! `cargo xtask build`: the optimised client in `dist/` and the server.

use std::thread;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{post_build, shell, tools};

const NEXT: &str = "fix the compiler errors above, then run the same command again";

/// Profile of the shipped server.
const RELEASE: &str = "server";

/// Installs the tools and builds the client and the server.
///
/// # Errors
/// When a tool cannot be installed or a build fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    client_and_server(workspace, RELEASE)
}

/// Builds the client, and at the same time the server with a profile. The builds share no folder.
///
/// # Errors
/// When a tool cannot be installed or a build fails.
pub(crate) fn client_and_server(workspace: &Workspace, profile: &str) -> Result<(), Failure> {
    both(|| server_with_profile(workspace, profile), || client(workspace))
}

/// Builds the optimised client into `dist/`.
///
/// # Errors
/// When a tool cannot be installed or the build fails.
pub(crate) fn client(workspace: &Workspace) -> Result<(), Failure> {
    tools::wasm_target(workspace)?;
    println!("Building the client (about 2 minutes the first time).");
    both(|| module(workspace), || tools::for_build(workspace))?;
    post_build::release(workspace)
}

/// Compiles the module with the lazily loaded pages still in it.
fn module(workspace: &Workspace) -> Result<(), Failure> {
    let mut cargo = shell::program(workspace, "cargo");
    cargo.args(["build", "--target", tools::WASM_TARGET, "--release", "--bin", "wizitime"]);
    shell::run(cargo.args(["--features", "split"]), NEXT)
}

/// Does both at the same time; each has phases that use only one core.
fn both(
    one: impl FnOnce() -> Result<(), Failure> + Send,
    other: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = match one.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        other.and(one)
    })
}

/// Builds the shipped server.
///
/// # Errors
/// When the build fails.
pub(crate) fn server(workspace: &Workspace) -> Result<(), Failure> {
    server_with_profile(workspace, RELEASE)
}

fn server_with_profile(workspace: &Workspace, profile: &str) -> Result<(), Failure> {
    println!("Building the server (some minutes the first time).");
    let args = ["build", "--profile", profile, "--package", "wizitime-server"];
    shell::run(shell::program(workspace, "cargo").args(args), NEXT)
}
