//! `cargo xtask bench server`: what the server carries on this machine.

use crate::failure::Failure;
use crate::tools::postgres;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Measures the server as it is shipped, from start-up to ten thousand clients.
///
/// # Errors
/// When it does not build, or does not stand it.
pub(crate) fn server(workspace: &Workspace) -> Result<(), Failure> {
    postgres::ensure(workspace)?;
    build::server(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["bench", "--profile", "server", "--package", "wizitime-server"]);
    command.args(["--bench", "load"]).env("WIZITIME_SERVER", workspace.server());
    shell::run(&mut command, "10,000 sockets need as many open files: see `ulimit -n`")
}
