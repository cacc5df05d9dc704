//! `cargo xtask crash`: kills real browsers while they record, and counts lost entries.

use crate::failure::Failure;
use crate::tools::browser::Browser;
use crate::tools::node;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Runs `trials` trials with a killed browser, and a tenth as many for each other way to end a
/// page.
///
/// # Errors
/// When the build fails, or an entry that was shown as saved is lost or duplicated.
pub(crate) fn run(workspace: &Workspace, trials: u64) -> Result<(), Failure> {
    build::run(workspace)?;
    let folder = workspace.root().join("tests/e2e");
    node::ensure(workspace, &folder)?;
    let mut command = shell::program(workspace, "node");
    command.current_dir(&folder).arg("crash/crash.js").env("WIZI_TRIALS", trials.to_string());
    command.env("CHROMIUM", Browser::ensure(workspace)?.chromium);
    command.env("WIZI_SERVER", workspace.server()).env("WIZITIME_APP", workspace.dist());
    shell::run(&mut command, "the table above lists the trials and the entries they lost")
}
