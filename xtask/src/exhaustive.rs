//! `cargo xtask exhaustive`: explores every order of events in a small scope, with up to one fault.

use std::process::Command;

use crate::command::ExhaustiveOptions;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Explores the requested scope.
///
/// # Errors
/// When the build fails or an invariant is violated; the shortest trace is printed.
pub(crate) fn run(workspace: &Workspace, options: &ExhaustiveOptions) -> Result<(), Failure> {
    let mut command = command(workspace);
    if let Some(events) = options.events {
        command.env("WIZI_SCOPE", events.to_string());
    }
    if let Some(only) = &options.only {
        command.env("WIZI_ONLY", only);
    }
    shell::run(&mut command, "the trace above is the shortest way to the violation")
}

/// The exploration of the small scopes.
pub(crate) fn command(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--profile", "sim", "--test", "exhaustive", "--", "--nocapture"]);
    command.env("WIZI_SCOPE", "small");
    command
}

/// Whether a line is the result of one scope.
pub(crate) fn is_result(line: &str) -> bool {
    line.ends_with(" violations") && line.contains(" states, ")
}
