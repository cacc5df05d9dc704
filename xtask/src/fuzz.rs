//! `cargo xtask fuzz`: malformed input for every parser of untrusted data.

use std::process::Command;

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Fuzz targets of the root package (`tests/fuzz`).
const CORE_TARGETS: u64 = 7;
/// Fuzz targets of the server.
const SERVER_TARGETS: u64 = 2;

/// Runs all targets for `seconds` together, each with ascending seeds from `seed`.
///
/// # Errors
/// When the build fails or an input breaks a target; the input is printed and added to the corpus.
pub(crate) fn run(workspace: &Workspace, seconds: u64, seed: u64) -> Result<(), Failure> {
    for mut command in commands(workspace, seconds, seed) {
        let next =
            "the failing input is in the corpus: `cargo test --workspace --test fuzz` repeats it";
        shell::run(&mut command, next)?;
    }
    Ok(())
}

/// The fuzz tests of the client and the hub, optimised with assertions, and those of the server.
pub(crate) fn commands(workspace: &Workspace, seconds: u64, seed: u64) -> [Command; 2] {
    let share_ms = seconds.saturating_mul(1_000) / (CORE_TARGETS + SERVER_TARGETS);
    let command = |options: &[&str]| {
        let mut command = shell::program(workspace, "cargo");
        command.arg("test").args(options).args(["--test", "fuzz"]);
        // One target at a time, so that each gets its share of the time.
        command.args(["--", "--nocapture", "--test-threads=1"]);
        command.env("WIZI_FUZZ_MS", share_ms.to_string()).env("WIZI_SEED", seed.to_string());
        command
    };
    // All other packages, so that the server's dependencies have the features of the native tests.
    [command(&["--profile", "sim"]), command(&["--workspace", "--exclude", "wizitime"])]
}

/// Whether a line is the result of one target.
pub(crate) fn is_result(line: &str) -> bool {
    line.contains(" inputs, ")
}
