//! `cargo xtask chaos`: real clients against a real server that is killed.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Runs the chaos test for `minutes` of real time, plus the time to become quiet.
///
/// # Errors
/// When the build fails or an invariant is violated; the test prints which.
pub(crate) fn run(workspace: &Workspace, minutes: u64, seed: u64) -> Result<(), Failure> {
    build::server(workspace)?;
    let mut command = command(workspace, &workspace.server(), minutes, seed);
    shell::run(&mut command, "the output above names the invariant, the seed and the log file")
}

/// The chaos test against a built server.
pub(crate) fn command(workspace: &Workspace, server: &Path, minutes: u64, seed: u64) -> Command {
    let mut command = shell::program(workspace, "cargo");
    // All packages, so that the dependencies have the features of the native tests.
    command.args(["test", "--workspace", "--test", "chaos", "--", "--nocapture"]);
    command.env("WIZI_MINUTES", minutes.to_string()).env("WIZI_SEED", seed.to_string());
    command.env("WIZI_SERVER", server);
    command
}
