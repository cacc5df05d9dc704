//! `cargo xtask crash`: real browsers are killed in the middle of work, and what is gone is
//! counted.

use crate::failure::Failure;
use crate::tools::browser::Browser;
use crate::tools::node;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Builds the app and runs so many trials of a killed browser, and a tenth as many of every other
/// end that a page can come to.
///
/// # Errors
/// When it does not build, or when something that was shown as saved is gone or there twice.
pub(crate) fn run(workspace: &Workspace, trials: u64) -> Result<(), Failure> {
    build::run(workspace)?;
    let folder = workspace.root().join("tests/e2e");
    node::ensure(workspace, &folder)?;
    let mut command = shell::program(workspace, "node");
    command.current_dir(&folder).arg("crash/crash.js").env("WIZI_TRIALS", trials.to_string());
    command.env("CHROMIUM", Browser::ensure(workspace)?.chromium);
    command.env("WIZITIME_SERVER", workspace.server()).env("WIZITIME_APP", workspace.dist());
    shell::run(&mut command, "the lines above name the trials and what each of them lost")
}
