//! The programs of PostgreSQL, which the server tests start.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::debian;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Debian's folder, with a subfolder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Environment variable with the folder of the programs.
const VARIABLE: &str = "WIZI_POSTGRES_BIN";

/// Ensures `initdb`; installs the Debian package where that is possible.
///
/// # Errors
/// [`Failure::Missing`] when it is missing and cannot be installed.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    if is_installed(workspace) {
        return Ok(());
    }
    debian::install(workspace, &["postgresql"], 1)?;
    if is_installed(workspace) {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "PostgreSQL's initdb".to_owned(),
        next: format!(
            "install it (Debian: `apt-get install postgresql`), or name its folder in {VARIABLE}"
        ),
    })
}

fn is_installed(workspace: &Workspace) -> bool {
    let has_it = |folder: PathBuf| folder.join("initdb").is_file();
    if let Some(folder) = env::var_os(VARIABLE) {
        return has_it(PathBuf::from(folder));
    }
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    shell::which(workspace, "initdb").is_some()
        || versions.map(|version| version.path().join("bin")).any(has_it)
}
