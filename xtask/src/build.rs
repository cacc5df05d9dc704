//! Builds what is shipped: the optimised client in `dist/` and the server.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{shell, tools};

const NEXT: &str = "mend what the compiler says above, then run the same command again";

/// Installs the tools and builds the client and the server.
///
/// # Errors
/// When a tool cannot be installed or a build fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    client(workspace)?;
    server(workspace)
}

/// Builds the optimised client into `dist/`.
pub(crate) fn client(workspace: &Workspace) -> Result<(), Failure> {
    tools::for_build(workspace)?;
    println!("Building the client (about 4 minutes the first time, seconds after that).");
    shell::run(&mut trunk(workspace), NEXT)
}

/// Builds the client as it is hosted under the path `/time/`, for the story about sub-paths.
/// Answers its folder.
pub(crate) fn client_below(workspace: &Workspace) -> Result<PathBuf, Failure> {
    tools::for_build(workspace)?;
    println!("Building the client once more, for the path /time/ (under a minute).");
    let dist = workspace.below();
    let mut build = trunk(workspace);
    build.args(["--public-url", "/time/", "--dist"]).arg(&dist);
    shell::run(&mut build, NEXT)?;
    Ok(dist)
}

/// The build that is shipped: the lazily loaded pages are chunks of their own.
fn trunk(workspace: &Workspace) -> Command {
    let mut trunk = shell::program(workspace, "trunk");
    trunk.args(["build", "--release", "--features", "split"]);
    trunk
}

/// Builds the server binary.
pub(crate) fn server(workspace: &Workspace) -> Result<(), Failure> {
    println!("Building the server (about 4 minutes the first time, seconds after that).");
    let args = ["build", "--profile", "server", "--package", "wizitime-server"];
    shell::run(shell::program(workspace, "cargo").args(args), NEXT)
}
