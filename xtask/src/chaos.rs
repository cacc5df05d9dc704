//! `cargo xtask chaos`: the real server is killed under real clients, in real time.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Goes on for so many minutes, and until all is quiet again.
///
/// # Errors
/// When it does not build or a promise is broken; the test prints which one.
pub(crate) fn run(workspace: &Workspace, minutes: u64, seed: u64) -> Result<(), Failure> {
    let mut command = command(workspace, minutes, seed)?;
    shell::run(&mut command, "the lines above name the promise, the seed and where the log is")
}

/// The test over so many minutes, against the server as it is shipped.
///
/// # Errors
/// When the server does not build.
pub(crate) fn command(workspace: &Workspace, minutes: u64, seed: u64) -> Result<Command, Failure> {
    build::server(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--package", "wizitime-server", "--test", "chaos", "--", "--nocapture"]);
    command.env("WIZI_MINUTES", minutes.to_string()).env("WIZI_SEED", seed.to_string());
    command.env("WIZITIME_SERVER", workspace.server());
    Ok(command)
}
