//! `cargo xtask chaos`: real clients against a real server that is killed.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Runs the chaos test for `minutes` of real time, plus the time to become quiet.
///
/// # Errors
/// When the build fails or an invariant is violated; the test prints which.
pub(crate) fn run(workspace: &Workspace, minutes: u64, seed: u64) -> Result<(), Failure> {
    let mut command = command(workspace, minutes, seed)?;
    shell::run(&mut command, "the output above names the invariant, the seed and the log file")
}

/// The chaos test against the release build of the server.
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
