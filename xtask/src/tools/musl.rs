//! What it takes to link a program that needs nothing of the system.

use super::{debian, rust_target};
use crate::failure::Failure;
use crate::shell;
use crate::workspace::Workspace;

/// The C compiler that the database and the cryptography are built with.
const COMPILER: &str = "musl-gcc";

/// Makes sure that Rust and C can be compiled for musl, and says the target's name.
///
/// # Errors
/// [`Failure::Missing`] when something is not there and cannot be installed.
pub(super) fn ensure(workspace: &Workspace) -> Result<String, Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::Missing {
            what: "Linux, the only system that the program is made for,".to_owned(),
            next: "run this on Linux, or build for here with `cargo xtask build`".to_owned(),
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
