//! The reverse proxies whose recipes are tested.

use super::debian::{self, Program};
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Programs and their Debian packages; OpenSSL creates the certificates.
const PROGRAMS: [Program; 5] = [
    ("nginx", "nginx"),
    ("caddy", "caddy"),
    ("apache2", "apache2"),
    ("haproxy", "haproxy"),
    ("openssl", "openssl"),
];

/// Ensures the programs; installs the Debian packages where that is possible.
///
/// # Errors
/// [`Failure::Missing`] when one is missing and cannot be installed.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    match debian::ensure(workspace, &PROGRAMS)? {
        None => Ok(()),
        Some((program, package)) => Err(Failure::Missing {
            what: program.to_owned(),
            next: format!("install it (Debian: `apt-get install {package}`)"),
        }),
    }
}
