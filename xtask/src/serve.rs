//! `cargo xtask serve`: from a fresh clone to a running WiziTime.

use std::process::Command;

use crate::command::ServeOptions;
use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{build, shell};

/// Profile of the server, which compiles faster than that of the shipped server.
const PROFILE: &str = "serve";

const NEXT: &str =
    "if the port is taken, choose another: cargo xtask serve --listen 127.0.0.1:4001";

/// Builds the client and the server, and replaces this process with the server.
///
/// # Errors
/// When a build fails or the server does not start.
pub(crate) fn run(workspace: &Workspace, options: &ServeOptions) -> Result<(), Failure> {
    build::client_and_server(workspace, PROFILE)?;
    let mut server = Command::new(workspace.server_of_profile(PROFILE));
    server.current_dir(workspace.root());
    server.args(["--listen", &options.listen, "--app", "dist"]);
    if let Some(database) = &options.database {
        server.args(["--database", database]);
    }
    println!("Starting the server; Ctrl-C stops it.");
    exec(server)
}

/// Replaces this process, so that signals reach the server.
#[cfg(unix)]
fn exec(mut server: Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    let error = server.exec();
    Err(shell::not_started(&server, &error, NEXT))
}

#[cfg(not(unix))]
fn exec(mut server: Command) -> Result<(), Failure> {
    shell::run(&mut server, NEXT)
}
