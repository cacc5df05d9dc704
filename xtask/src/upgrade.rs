//! `cargo xtask upgrade`: the upgrade from a previous release, in a real browser.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::tools::browser::Browser;
use crate::tools::node;
use crate::workspace::Workspace;
use crate::{build, files, shell, tools};

/// Builds the client of an older commit and this one, and reloads tabs from one into the other.
///
/// # Errors
/// When a build fails, or an event is lost or sent twice.
pub(crate) fn run(workspace: &Workspace, from: &str) -> Result<(), Failure> {
    build::run(workspace)?;
    let old_app = old_client(workspace, from)?;
    let folder = workspace.root().join("tests/e2e");
    node::ensure(workspace, &folder)?;
    let mut command = shell::program(workspace, "node");
    command.current_dir(&folder).args(["--test", "--test-reporter=spec", "upgrade/upgrade.js"]);
    command.env("CHROMIUM", Browser::ensure(workspace)?.chromium);
    command.env("WIZI_SERVER", workspace.server());
    command.env("WIZITIME_APP", workspace.dist()).env("WIZI_OLD_APP", old_app);
    shell::run(&mut command, "the report above names the event that was lost or sent twice")
}

/// Builds the client of a commit in a checkout of its own and returns its folder.
fn old_client(workspace: &Workspace, commit: &str) -> Result<PathBuf, Failure> {
    let tree = workspace.root().join("target/upgrade");
    if !tree.join("Cargo.toml").is_file() {
        files::make_folder(&tree)?;
        let mut clone = shell::program(workspace, "git");
        clone.args(["clone", "--quiet", "--no-checkout"]).arg(workspace.root()).arg(&tree);
        shell::run(&mut clone, "run it inside a git clone")?;
    }
    let mut checkout = shell::program(workspace, "git");
    checkout.current_dir(&tree).args(["checkout", "--quiet", "--force", commit]);
    shell::run(&mut checkout, "name a commit of this repository")?;
    tools::trunk(workspace)?;
    let mut build = shell::program(workspace, "trunk");
    build.current_dir(&tree).args(["build", "--release"]);
    shell::run(&mut build, "fix the build of the older commit, or name another")?;
    Ok(tree.join("dist"))
}
