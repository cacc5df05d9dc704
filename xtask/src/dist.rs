//! `cargo xtask dist`: builds the static program that contains the client, and verifies it.

mod http;
mod program;
mod verify;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::test::node_tests;
use crate::test::stream::Report;
use crate::test::tally::Tally;
use crate::workspace::Workspace;
use crate::{build, files, shell, tools};

/// mimalloc must not reserve memory in advance.
const ALLOCATOR_FLAGS: &str = "-DMI_DEFAULT_ARENA_EAGER_COMMIT=0";

/// Builds the program into `target/dist` and verifies it.
///
/// # Errors
/// When a build fails; [`Failure::Bound`] when a check fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    build::client(workspace)?;
    let program = program(workspace)?;
    let checks = verify::all(workspace, &program)?;
    verify::print(&checks);
    println!("\nBuilt {}.", program.display());
    let failed: Vec<_> =
        checks.iter().filter(|check| !check.passed).map(verify::Check::line).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::Bound(format!("failed checks:\n{}", failed.join("\n")))),
    }
}

/// Verifies the program as a part of the tests, with the tests of the deployment files.
///
/// # Errors
/// When a program is missing or a test runner fails; failed checks are in the report.
pub(crate) fn report(workspace: &Workspace, program: &Path) -> Result<Report, Failure> {
    let checks = verify::all(workspace, program)?;
    verify::print(&checks);
    let count = |passed: bool| {
        let count = checks.iter().filter(|check| check.passed == passed).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let tally = Tally { passed: count(true), failed: count(false) };
    let notes = checks.iter().filter(|check| !check.passed).map(verify::Check::line).collect();
    let mut report = Report { tally, notes, succeeded: tally.failed == 0 };
    tools::for_deployment(workspace)?;
    let prepare = |command: &mut std::process::Command| {
        command.env("WIZI_SERVER", program);
    };
    report.add(node_tests(workspace, "tests/deploy", prepare, |line| {
        line.starts_with("✖ ") || line.contains("# SKIP") || line.contains("# did not run")
    })?);
    Ok(report)
}

/// Builds the statically linked server that contains the client in `dist/`.
///
/// # Errors
/// When a tool cannot be installed or the build fails.
pub(crate) fn program(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let target = tools::for_dist(workspace)?;
    println!("Building the program (about 5 minutes the first time, one after that).");
    let mut cargo = shell::program(workspace, "cargo");
    cargo.args(["build", "--profile", "server", "--package", "wizitime-server"]);
    cargo.args(["--features", "embed", "--target", &target]);
    cargo.env("WIZI_EMBED", workspace.dist());
    cargo.env(format!("CFLAGS_{}", target.replace('-', "_")), ALLOCATOR_FLAGS);
    shell::run(&mut cargo, "fix the compiler errors above, then run the same command again")?;
    let folder = workspace.program_folder();
    // The container image has no program that could create the folder of its volume.
    files::make_folder(&folder.join("data"))?;
    let program = folder.join("wizitime-server");
    files::copy(&workspace.server_for(&target), &program)?;
    Ok(program)
}
