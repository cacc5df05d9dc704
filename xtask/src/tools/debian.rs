//! Installs Debian packages.

use std::path::Path;
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

/// A program and the package that has it.
pub(super) type Program = (&'static str, &'static str);

/// The folder of servers, which is not in the path of every user.
const SBIN: &str = "/usr/sbin";

/// Installs the packages of the programs that are missing. Returns the first one that is missing
/// afterwards.
///
/// # Errors
/// When the installation fails.
pub(super) fn ensure(
    workspace: &Workspace,
    programs: &[Program],
) -> Result<Option<Program>, Failure> {
    let is_missing = |(program, _): &Program| {
        shell::which(workspace, program).is_none() && !Path::new(SBIN).join(program).is_file()
    };
    let missing: Vec<Program> = programs.iter().copied().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    install(workspace, &packages, 1)?;
    Ok(missing.into_iter().find(is_missing))
}

fn apt(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root(workspace: &Workspace) -> bool {
    shell::answer(shell::program(workspace, "id").arg("-u")).as_deref() == Some("0")
}
