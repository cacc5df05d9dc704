//! The programs of PostgreSQL, which the server's tests start for themselves.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::debian;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Where Debian puts them, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Names the folder of the programs to the tests and to us.
const VARIABLE: &str = "WIZI_POSTGRES_BIN";

/// Makes sure that the tests find `initdb`, or installs the Debian package where that is possible.
///
/// # Errors
/// [`Failure::Missing`] when it is not there and cannot be installed.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    if is_there(workspace) {
        return Ok(());
    }
    debian::install(workspace, &["postgresql"], 1)?;
    if is_there(workspace) {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "PostgreSQL's initdb".to_owned(),
        next: format!(
            "install it (Debian: `apt-get install postgresql`), or name its folder in {VARIABLE}"
        ),
    })
}

fn is_there(workspace: &Workspace) -> bool {
    let has_it = |folder: PathBuf| folder.join("initdb").is_file();
    if let Some(folder) = env::var_os(VARIABLE) {
        return has_it(PathBuf::from(folder));
    }
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    shell::which(workspace, "initdb").is_some()
        || versions.map(|version| version.path().join("bin")).any(has_it)
}
