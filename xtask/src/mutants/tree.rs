//! A copy of the repository to apply mutants to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mutant::Mutant;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};

/// The copy with its own target folder, so that builds are incremental.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Copies the working tree; unchanged files of an earlier copy are kept.
    ///
    /// # Errors
    /// When git or a file operation fails.
    pub(crate) fn copy(workspace: &Workspace) -> Result<Self, Failure> {
        let folder = workspace.root().join("target/mutants");
        let tree = Self { root: folder.join("tree"), target: folder.join("target") };
        files::make_folder(&tree.root)?;
        let names = names(workspace)?;
        for old in files::list(&tree.root)?.iter().filter(|old| !names.contains(*old)) {
            let path = tree.root.join(old);
            fs::remove_file(&path).map_err(|error| Failure::file("remove", &path, error))?;
        }
        for name in &names {
            copy_file(&workspace.root().join(name), &tree.root.join(name))?;
        }
        Ok(tree)
    }

    /// Applies the patch of a mutant.
    ///
    /// # Errors
    /// When it does not apply.
    pub(crate) fn apply(&self, mutant: &Mutant) -> Result<(), Failure> {
        self.git_apply(mutant, &[])
    }

    /// Reverts the patch of a mutant.
    ///
    /// # Errors
    /// When it is not applied.
    pub(crate) fn revert(&self, mutant: &Mutant) -> Result<(), Failure> {
        self.git_apply(mutant, &["--reverse"])
    }

    /// Builds the simulator of the copy.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn build(&self) -> Result<(), Failure> {
        let mut command = self.simulator();
        command.args(["--quiet", "--no-run"]);
        run_quietly(&mut command, "fix the mutant: it has to compile")
    }

    /// The simulator of the copy; the caller may append arguments.
    pub(crate) fn simulator(&self) -> Command {
        let mut command = Command::new("cargo");
        command.args(["test", "--profile", "sim", "--test", "simulation"]);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Each build runs for seconds only.
        command.env("CARGO_PROFILE_SIM_LTO", "off").env("CARGO_PROFILE_SIM_CODEGEN_UNITS", "16");
        // A mutant may leave code unused.
        command.env("RUSTFLAGS", "--cap-lints warn");
        command
    }

    fn git_apply(&self, mutant: &Mutant, options: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new("git");
        command.arg("apply").args(options).arg(&mutant.path).current_dir(&self.root);
        // Inside the surrounding repository `git apply` would ignore the files of the copy.
        command.env("GIT_CEILING_DIRECTORIES", self.root.parent().unwrap_or(&self.root));
        run_quietly(&mut command, "the code has changed: update the patch")
    }
}

/// All tracked and untracked files that git does not ignore.
fn names(workspace: &Workspace) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut command = shell::program(workspace, "git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let next = "run it inside a git clone";
    let output = command.output().map_err(|error| shell::not_started(&command, &error, next))?;
    if !output.status.success() {
        return Err(shell::failed(&command, output.status, next));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    // Deleted files are listed until the deletion is committed.
    Ok(names.filter(|name| workspace.root().join(name).is_file()).collect())
}

/// Copies a file unless it is unchanged, so that its modification time causes no rebuild.
fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = files::read(from)?;
    if fs::read(to).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    to.parent().map_or(Ok(()), files::make_folder)?;
    files::write(to, bytes)
}

/// Runs a command and prints its errors only if it fails.
fn run_quietly(command: &mut Command, next: &str) -> Result<(), Failure> {
    let output = command.output().map_err(|error| shell::not_started(command, &error, next))?;
    if output.status.success() {
        return Ok(());
    }
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    Err(shell::failed(command, output.status, next))
}
