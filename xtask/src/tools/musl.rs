//! Tools for static linking with musl.

use super::{debian, rust_target};
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// The C compiler for SQLite and the cryptography.
const COMPILER: &str = "musl-gcc";

/// Ensures the Rust target and the C compiler; returns the target.
///
/// # Errors
/// [`Failure::Missing`] when one is missing and cannot be installed.
pub(super) fn ensure(workspace: &Workspace) -> Result<String, Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::Missing {
            what: "Linux, the only supported system of the static program,".to_owned(),
            next: "run this on Linux, or use `cargo xtask build`".to_owned(),
        });
    }
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    rust_target(workspace, &target)?;
    if shell::which(workspace, COMPILER).is_none() {
        debian::install(workspace, &["musl-tools"], 1)?;
    }
    match shell::which(workspace, COMPILER) {
        Some(_) => Ok(target),
        None => Err(Failure::Missing {
            what: COMPILER.to_owned(),
            next: "install it (Debian: `apt-get install musl-tools`)".to_owned(),
        }),
    }
}
