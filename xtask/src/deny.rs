//! `cargo xtask deny`: what our dependencies are is what they may be.

use std::process::Command;

use crate::failure::Failure;
use crate::test::stream::{self, Report};
use crate::test::tally::Tally;
use crate::workspace::Workspace;
use crate::{shell, tools};

/// What is checked, against `deny.toml`. Known weaknesses are not among it: their list is at a
/// place that not every machine reaches.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks licences, versions and sources of all dependencies.
///
/// # Errors
/// When cargo-deny cannot be installed, or something is not allowed.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    tools::cargo_deny(workspace)?;
    for check in CHECKS {
        shell::run(&mut command(workspace, check), "the lines above name what is not allowed")?;
    }
    Ok(())
}

/// The same, each check counted as a test.
///
/// # Errors
/// When cargo-deny cannot be installed or started.
pub(crate) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    tools::cargo_deny(workspace)?;
    let mut report = Report::nothing();
    for check in CHECKS {
        let mut checked = stream::run(&mut command(workspace, check), |_| false)?;
        checked.notes.clear();
        match checked.succeeded {
            true => checked.tally = Tally { passed: 1, failed: 0 },
            false => checked.notes.push(format!("{check}: see above what is not allowed")),
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
