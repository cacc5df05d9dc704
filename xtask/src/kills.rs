//! `cargo xtask kills`: the server is killed while it acknowledges events.

use crate::failure::Failure;
use crate::tools::postgres;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Kills the server `count` times on each database, one after the other.
///
/// # Errors
/// When the build fails or an acknowledged event is missing.
pub(crate) fn run(workspace: &Workspace, count: u64) -> Result<(), Failure> {
    postgres::ensure(workspace)?;
    build::server(workspace)?;
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--workspace", "--test", "kills", "--"]);
    command.args(["--nocapture", "--test-threads", "1"]);
    command.env("WIZI_KILLS", count.to_string()).env("WIZI_SERVER", workspace.server());
    shell::run(&mut command, "the output above names the events that are missing")
}
