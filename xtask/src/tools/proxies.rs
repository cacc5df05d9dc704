//! The reverse proxies whose recipes are tested.

use std::path::Path;

use super::debian;
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// Programs and their Debian packages; OpenSSL creates the certificates.
const PROGRAMS: [(&str, &str); 5] = [
    ("nginx", "nginx"),
    ("caddy", "caddy"),
    ("apache2", "apache2"),
    ("haproxy", "haproxy"),
    ("openssl", "openssl"),
];

const SBIN: &str = "/usr/sbin";

/// Ensures the programs; installs the Debian packages where that is possible.
///
/// # Errors
/// [`Failure::Missing`] when one is missing and cannot be installed.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    // Debian's folder of servers is not in the path of every user.
    let is_there = |program: &str| {
        shell::which(workspace, program).is_some() || Path::new(SBIN).join(program).is_file()
    };
    let missing = || PROGRAMS.into_iter().filter(|(program, _)| !is_there(program));
    let packages: Vec<&str> = missing().map(|(_, package)| package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    debian::install(workspace, &packages, 1)?;
    missing().next().map_or(Ok(()), |(program, package)| {
        Err(Failure::Missing {
            what: program.to_owned(),
            next: format!("install it (Debian: `apt-get install {package}`)"),
        })
    })
}
