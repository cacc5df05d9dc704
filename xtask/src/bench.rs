//! `cargo xtask bench server`: load benchmark of the server.

use crate::failure::Failure;
use crate::tools::postgres;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Benchmarks the release build of the server, from start-up to ten thousand clients.
///
/// # Errors
/// When the build or a benchmark fails.
pub(crate) fn server(workspace: &Workspace) -> Result<(), Failure> {
    postgres::ensure(workspace)?;
    build::server(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["bench", "--profile", "server", "--package", "wizitime-server"]);
    command.args(["--bench", "load"]).env("WIZITIME_SERVER", workspace.server());
    shell::run(&mut command, "10,000 sockets need as many open files: see `ulimit -n`")
}
