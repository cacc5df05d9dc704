//! Installs Debian packages.

use std::process::Command;

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Installs packages as root on a system with apt; otherwise does nothing, and the caller reports
/// the missing program.
///
/// # Errors
/// When the installation fails.
pub(super) fn install(
    workspace: &Workspace,
    packages: &[&str],
    minutes: u32,
) -> Result<(), Failure> {
    if !is_root(workspace) || shell::which(workspace, "apt-get").is_none() {
        return Ok(());
    }
    let names = packages.join(" and ");
    println!("Installing the Debian packages {names} (about {minutes} minutes, once).");
    let next = "check the network, then try again";
    shell::run(apt(workspace).arg("update"), next)?;
    let install = ["install", "--yes", "--no-install-recommends"];
    shell::run(apt(workspace).args(install).args(packages), next)
}

fn apt(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root(workspace: &Workspace) -> bool {
    shell::answer(shell::program(workspace, "id").arg("-u")).as_deref() == Some("0")
}
