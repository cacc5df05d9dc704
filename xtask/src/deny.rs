//! `cargo xtask deny`: checks the dependencies against `deny.toml` with cargo-deny.

use std::process::Command;

use crate::failure::Failure;
use crate::test::stream::{self, Report};
use crate::test::tally::Tally;
use crate::workspace::Workspace;
use crate::{shell, tools};

/// The checks of cargo-deny. `advisories` is missing because its database has to be downloaded
/// from GitHub, which not every build machine can reach.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks licences, versions and sources of all dependencies.
///
/// # Errors
/// When cargo-deny cannot be installed, or a dependency is rejected.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::cargo_deny(workspace)?;
    for check in CHECKS {
        shell::run(&mut command(workspace, check), "the output above names the dependency")?;
    }
    Ok(())
}

/// Runs the checks and counts each as a test.
///
/// # Errors
/// When cargo-deny cannot be installed or started.
pub(crate) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    tools::cargo_deny(workspace)?;
    let mut report = Report::empty();
    for check in CHECKS {
        let mut checked = stream::run(&mut command(workspace, check), |_| false)?;
        checked.notes.clear();
        match checked.succeeded {
            true => checked.tally = Tally { passed: 1, failed: 0 },
            false => checked.notes.push(format!("{check}: see the output above")),
        }
        report.add(checked);
    }
    Ok(report)
}

fn command(workspace: &Workspace, check: &str) -> Command {
    let mut command = shell::program(workspace, "cargo-deny");
    command.args(["--workspace", "--log-level", "error", "check", "--hide-inclusion-graph", check]);
    command
}
