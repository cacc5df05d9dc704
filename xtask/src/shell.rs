//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;
use crate::workspace::Workspace;

/// A command at the root of the repository, with xtask's tools first on `PATH` and no standard
/// input.
pub(crate) fn program(workspace: &Workspace, name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace.root()).env("PATH", search_path(workspace)).stdin(Stdio::null());
    // Trunk accepts only `true` and `false`, and exits on the usual `1`.
    if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        command.env("NO_COLOR", "true");
    }
    command
}

/// Prints and runs a command. `next` is the advice if it fails.
pub(crate) fn run(command: &mut Command, next: &str) -> Result<(), Failure> {
    println!("  $ {}", line(command));
    let status = command.status().map_err(|error| not_started(command, &error, next))?;
    match status.success() {
        true => Ok(()),
        false => Err(failed(command, status, next)),
    }
}

/// The standard output of a command, or `None` if it does not start or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first program of that name on `PATH`.
pub(crate) fn which(workspace: &Workspace, name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&search_path(workspace))
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file() && is_executable(path))
}

/// The command line without the environment.
pub(crate) fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

/// The failure of a program that did not start.
pub(crate) fn not_started(command: &Command, error: &std::io::Error, next: &str) -> Failure {
    let ended = format!("could not be started ({error})");
    Failure::Command { line: line(command), ended, next: next.to_owned() }
}

/// The failure of a program that exited with an error.
pub(crate) fn failed(command: &Command, status: ExitStatus, next: &str) -> Failure {
    let ended = format!("failed ({status})");
    Failure::Command { line: line(command), ended, next: next.to_owned() }
}

fn search_path(workspace: &Workspace) -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let own = [workspace.tools().join("bin")];
    let folders = own.into_iter().chain(env::split_paths(&inherited));
    // A folder whose name contains the separator cannot be on PATH.
    env::join_paths(folders).unwrap_or(inherited)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    true
}
