//! Every world of a small scope: all orders in which things can happen, with one fault anywhere.

use std::process::Command;

use crate::command::ExhaustiveOptions;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Explores the scope that is asked for and shows what was found.
///
/// # Errors
/// When it does not build or a promise is broken; the shortest way there is printed.
pub(crate) fn run(workspace: &Workspace, options: &ExhaustiveOptions) -> Result<(), Failure> {
    let mut command = command(workspace);
    if let Some(events) = options.events {
        command.env("WIZI_SCOPE", events.to_string());
    }
    if let Some(only) = &options.only {
        command.env("WIZI_ONLY", only);
    }
    shell::run(&mut command, "the lines above tell the shortest way to the broken promise")
}

/// The explorer's test binary over the small scopes.
pub(crate) fn command(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--profile", "sim", "--test", "exhaustive", "--", "--nocapture"]);
    command.env("WIZI_SCOPE", "small");
    command
}

/// Whether a line says how many states there were.
pub(crate) fn is_count(line: &str) -> bool {
    line.ends_with(" violations") && line.contains(" states, ")
}
