//! `trunk build --release` and `cargo xtask build` make the same client.

use std::path::Path;

use super::stream::Report;
use super::tally::Tally;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{files, shell, tools};

const NEXT: &str = "compare Trunk.toml and index.html with xtask/src/post_build/assemble.rs";

/// Builds the client with Trunk and compares it with the one in `dist/`.
///
/// # Errors
/// When Trunk cannot be installed or the build fails.
pub(super) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    tools::trunk(workspace)?;
    let folder = workspace.root().join("target/trunk");
    let mut trunk = shell::program(workspace, "trunk");
    // Without hashes in the names, which the module would contain.
    trunk.args(["build", "--release", "--features", "split", "--filehash", "false", "--dist"]);
    trunk.arg(&folder);
    shell::run(&mut trunk, NEXT)?;
    let notes = differences(&workspace.dist(), &folder)?;
    let succeeded = notes.is_empty();
    let tally = Tally { passed: u64::from(succeeded), failed: u64::from(!succeeded) };
    Ok(Report { tally, notes, succeeded })
}

/// One sentence for each file that differs.
fn differences(ours: &Path, trunks: &Path) -> Result<Vec<String>, Failure> {
    let mut names = files::list(ours)?;
    names.extend(files::list(trunks)?);
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let in_folders = [ours, trunks].map(|folder| folder.join(&name));
        let sentence = match in_folders.each_ref().map(|path| path.is_file()) {
            [true, true] => {
                let [one, other] = [files::read(&in_folders[0])?, files::read(&in_folders[1])?];
                if one == other {
                    continue;
                }
                "differs from Trunk's"
            }
            [true, false] => "is not in Trunk's build",
            [false, _] => "is only in Trunk's build",
        };
        found.push(format!("{} {sentence}", name.display()));
    }
    Ok(found)
}
