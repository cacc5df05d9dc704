//! Node.js and the locked npm packages of the tests.

use std::path::Path;

use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// The oldest supported major version of Node.js.
const NODE_MAJOR_MIN: u32 = 20;

/// Ensures Node.js and the packages of the lock file in `folder`.
///
/// # Errors
/// When Node.js is missing or too old, or the packages cannot be downloaded.
pub(crate) fn ensure(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    let mut ask = shell::program(workspace, "node");
    let version = super::version_of(&mut ask);
    if version.as_deref().and_then(major).is_none_or(|major| major < NODE_MAJOR_MIN) {
        let found = version.map_or(String::new(), |version| format!(" (found {version})"));
        return Err(Failure::Missing {
            what: format!("Node.js {NODE_MAJOR_MIN} or newer{found}"),
            next: "install Node.js with npm from your system or from https://nodejs.org".to_owned(),
        });
    }
    if is_installed(folder) {
        return Ok(());
    }
    println!("Installing the npm packages of {} (some seconds).", folder.display());
    let mut npm = shell::program(workspace, "npm");
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    shell::run(&mut npm, "check the network, then try again")
}

/// Whether the lock file that npm writes on installation is as new as ours.
fn is_installed(folder: &Path) -> bool {
    let time = |name: &str| folder.join(name).metadata().and_then(|file| file.modified()).ok();
    match (time("node_modules/.package-lock.json"), time("package-lock.json")) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn major_version_is_parsed() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("node"), None);
    }
}
