//! `cargo xtask fuzz`: nearly valid inputs for everything that reads what a stranger or a broken
//! disk may give.

use std::process::Command;

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// The targets in the root package's `tests/fuzz` and in the server's.
const CORE_TARGETS: u64 = 7;
const SERVER_TARGETS: u64 = 2;

/// Feeds all targets for so many seconds together, each with inputs of rising seeds from `seed`.
///
/// # Errors
/// When it does not build or an input does what none may; it is printed and put into the corpus.
pub(crate) fn run(workspace: &Workspace, seconds: u64, seed: u64) -> Result<(), Failure> {
    for mut command in commands(workspace, seconds, seed) {
        let next = "the failing input is in the corpus now: `cargo test --test fuzz` repeats it";
        shell::run(&mut command, next)?;
    }
    Ok(())
}

/// The test binaries that do so: the client's and the hub's, fast but with every assertion left
/// on, and the server's.
pub(crate) fn commands(workspace: &Workspace, seconds: u64, seed: u64) -> [Command; 2] {
    let share_ms = seconds.saturating_mul(1_000) / (CORE_TARGETS + SERVER_TARGETS);
    let command = |options: &[&str]| {
        let mut command = shell::program(workspace, "cargo");
        command.arg("test").args(options).args(["--test", "fuzz"]);
        // One target after the other, so that each has its share of the time.
        command.args(["--", "--nocapture", "--test-threads=1"]);
        command.env("WIZI_FUZZ_MS", share_ms.to_string()).env("WIZI_SEED", seed.to_string());
        command
    };
    [command(&["--profile", "sim"]), command(&["--package", "wizitime-server"])]
}

/// Whether a line says how much a target was fed, and what it failed at.
pub(crate) fn is_count(line: &str) -> bool {
    line.contains(" inputs, ")
}
