//! `cargo xtask bench server`: load benchmark of the server.

use crate::command::BenchOptions;
use crate::failure::Failure;
use crate::tools::postgres;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Benchmarks the release build of the server, from start-up to ten thousand clients.
///
/// # Errors
/// When the build or a benchmark fails.
pub(crate) fn server(workspace: &Workspace, options: &BenchOptions) -> Result<(), Failure> {
    postgres::ensure(workspace)?;
    let program = match &options.program {
        Some(program) => {
            program.canonicalize().map_err(|error| Failure::file("find", program, error))?
        }
        None => {
            build::server(workspace)?;
            workspace.server()
        }
    };
    let mut command = shell::program(workspace, "cargo");
    command.args(["bench", "--profile", "server", "--package", "wizitime-server"]);
    command.args(["--bench", "load"]).env("WIZI_SERVER", program);
    if let Some(scenario) = &options.only {
        command.env("WIZI_SCENARIO", scenario);
    }
    shell::run(&mut command, "10,000 sockets need as many open files: see `ulimit -n`")
}
