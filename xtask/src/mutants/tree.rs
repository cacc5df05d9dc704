//! A copy of the repository to plant bugs in: the real one is never touched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mutant::Mutant;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell};

/// The copy, with a target folder of its own beside it, so that each mutant compiles only what it
/// changes.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Makes the copy as the working tree is now; what an earlier one has right is left alone.
    ///
    /// # Errors
    /// When git or the file system refuses.
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

    /// Applies a mutant's patch.
    ///
    /// # Errors
    /// When it does not apply.
    pub(crate) fn plant(&self, mutant: &Mutant) -> Result<(), Failure> {
        self.apply(mutant, &[])
    }

    /// Takes it off again.
    ///
    /// # Errors
    /// When it was not planted.
    pub(crate) fn pull_out(&self, mutant: &Mutant) -> Result<(), Failure> {
        self.apply(mutant, &["--reverse"])
    }

    /// Builds the simulator of this tree.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn build(&self) -> Result<(), Failure> {
        let mut command = self.simulator();
        command.args(["--quiet", "--no-run"]);
        end_well(&mut command, "a mutant has to compile: mend it")
    }

    /// The simulator of this tree, ready for more arguments.
    pub(crate) fn simulator(&self) -> Command {
        let mut command = Command::new("cargo");
        command.args(["test", "--profile", "sim", "--test", "simulation"]);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Each is built once and run for seconds.
        command.env("CARGO_PROFILE_SIM_LTO", "off").env("CARGO_PROFILE_SIM_CODEGEN_UNITS", "16");
        // A bug may well leave something unused.
        command.env("RUSTFLAGS", "--cap-lints warn");
        command
    }

    fn apply(&self, mutant: &Mutant, options: &[&str]) -> Result<(), Failure> {
        let mut command = Command::new("git");
        command.arg("apply").args(options).arg(&mutant.path).current_dir(&self.root);
        // The copy is no repository; inside the one around it git would apply nothing.
        command.env("GIT_CEILING_DIRECTORIES", self.root.parent().unwrap_or(&self.root));
        end_well(&mut command, "the code it changes is another by now: write the patch anew")
    }
}

/// Everything that git has or would take.
fn names(workspace: &Workspace) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut command = shell::program(workspace, "git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let next = "mutants are planted in a copy of what git has: run it inside a clone";
    let output = command.output().map_err(|error| shell::not_started(&command, &error, next))?;
    if !output.status.success() {
        return Err(shell::failed(&command, output.status, next));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    // What was deleted and not committed is still listed.
    Ok(names.filter(|name| workspace.root().join(name).is_file()).collect())
}

/// A file that is the same already keeps its time, so that nothing is compiled for it.
fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = files::read(from)?;
    if fs::read(to).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    to.parent().map_or(Ok(()), files::make_folder)?;
    files::write(to, bytes)
}

/// Runs a command and shows what it says only if it fails.
fn end_well(command: &mut Command, next: &str) -> Result<(), Failure> {
    let output = command.output().map_err(|error| shell::not_started(command, &error, next))?;
    if output.status.success() {
        return Ok(());
    }
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    Err(shell::failed(command, output.status, next))
}
