//! `cargo xtask sim`: the deterministic simulator; one seed is one simulated world.

use std::process::Command;

use crate::command::SimOptions;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Runs the requested seeds and prints the result of the simulator.
///
/// # Errors
/// When the build fails or a seed violates an invariant; the simulator prints how to repeat it.
pub(crate) fn run(workspace: &Workspace, options: &SimOptions) -> Result<(), Failure> {
    let mut command = command(workspace, options.runs, options.seed);
    if let Some(only) = &options.only {
        command.env("WIZI_ONLY", only);
    }
    if options.trace {
        command.env("WIZI_TRACE", "1");
    }
    if options.twice {
        command.env("WIZI_TWICE", "1");
    }
    command.args(["--", "sweep::sweep", "--exact", "--nocapture"]);
    shell::run(&mut command, "trace the failing seed: cargo xtask sim --runs 1 --seed SEED --trace")
}

/// The simulator over `runs` seeds from `seed`; the caller may append arguments.
pub(crate) fn command(workspace: &Workspace, runs: u64, seed: u64) -> Command {
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--profile", "sim", "--test", "simulation"]);
    command.env("WIZI_RUNS", runs.to_string()).env("WIZI_SEED", seed.to_string());
    let mut git = shell::program(workspace, "git");
    let commit = shell::answer(git.args(["rev-parse", "--short", "HEAD"]));
    command.env("WIZI_COMMIT", commit.unwrap_or_else(|| "unknown".to_owned()));
    command
}

/// Hashes of the first seeds as computed natively, to compare with the simulator in a browser.
///
/// # Errors
/// When the build fails or a seed violates an invariant.
pub(crate) fn hashes(workspace: &Workspace) -> Result<String, Failure> {
    let mut command = command(workspace, 1, 1);
    command.args(["--", "sweep::hashes", "--exact", "--nocapture", "--ignored"]);
    println!("  $ {}", shell::line(&command));
    let output = shell::answer(&mut command).unwrap_or_default();
    let hashes = output.lines().find_map(|line| line.strip_prefix("hashes "));
    hashes.map(str::to_owned).ok_or_else(|| Failure::Command {
        line: shell::line(&command),
        ended: "printed no hashes".to_owned(),
        next: "run it to see why".to_owned(),
    })
}
