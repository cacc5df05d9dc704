//! The deterministic simulator: one seed is one whole hostile world.

use std::process::Command;

use crate::command::SimOptions;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Runs the seeds that are asked for and shows the simulator's line.
///
/// # Errors
/// When it does not build or a seed breaks a promise; the simulator prints how to repeat it.
pub(crate) fn run(workspace: &Workspace, options: &SimOptions) -> Result<(), Failure> {
    let mut command = command(workspace, options.runs, options.seed);
    if let Some(only) = &options.only {
        command.env("WIZI_ONLY", only);
    }
    if options.trace {
        command.env("WIZI_TRACE", "1");
    }
    command.args(["--", "sweep", "--exact", "--nocapture"]);
    shell::run(
        &mut command,
        "tell the failing seed alone: cargo xtask sim --runs 1 --seed S --trace",
    )
}

/// The simulator's test binary over those seeds, ready for more arguments.
pub(crate) fn command(workspace: &Workspace, runs: u64, seed: u64) -> Command {
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--profile", "sim", "--test", "simulation"]);
    command.env("WIZI_RUNS", runs.to_string()).env("WIZI_SEED", seed.to_string());
    command
}
