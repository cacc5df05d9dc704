//! `cargo xtask dist`: one program with everything in it, and proof that it is one.

mod http;
mod program;
mod proof;

use std::path::PathBuf;

use crate::failure::Failure;
use crate::test::node_tests;
use crate::test::stream::Report;
use crate::test::tally::Tally;
use crate::workspace::Workspace;
use crate::{build, files, shell, tools};

/// The allocator takes memory from the system when it is used, not some megabytes in advance.
const ALLOCATOR_FLAGS: &str = "-DMI_DEFAULT_ARENA_EAGER_COMMIT=0";

/// Builds the program into `target/dist` and holds it to its bounds.
///
/// # Errors
/// When something does not build; [`Failure::Bound`] when the program is not as it has to be.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let program = build(workspace)?;
    let proofs = proof::all(workspace, &program)?;
    proof::print(&proofs);
    println!("\n{} is ready to be copied.", program.display());
    let broken: Vec<_> =
        proofs.iter().filter(|proof| !proof.holds).map(proof::Proof::line).collect();
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Failure::Bound(format!("not as it has to be:\n{}", broken.join("\n")))),
    }
}

/// The same as a part of the tests, with the documents that start the program.
///
/// # Errors
/// When something does not build or cannot be run; what does not hold is in the report.
pub(crate) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    let program = build(workspace)?;
    let proofs = proof::all(workspace, &program)?;
    proof::print(&proofs);
    let count = |holds: bool| {
        let count = proofs.iter().filter(|proof| proof.holds == holds).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let tally = Tally { passed: count(true), failed: count(false) };
    let notes = proofs.iter().filter(|proof| !proof.holds).map(proof::Proof::line).collect();
    let mut report = Report { tally, notes, succeeded: tally.failed == 0 };
    tools::systemd(workspace)?;
    let prepare = |command: &mut std::process::Command| {
        command.env("WIZITIME_SERVER", &program);
    };
    report.add(node_tests(workspace, "tests/deploy", prepare, |line| {
        line.starts_with("✖ ") || line.contains("# SKIP") || line.contains("# did not run")
    })?);
    Ok(report)
}

/// The optimised client within an optimised server that needs nothing of the system.
fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    build::client(workspace)?;
    let target = tools::for_dist(workspace)?;
    println!("Building the program (about 5 minutes the first time, one after that).");
    let mut cargo = shell::program(workspace, "cargo");
    cargo.args(["build", "--profile", "server", "--package", "wizitime-server"]);
    cargo.args(["--features", "embed", "--target", &target]);
    cargo.env("WIZITIME_EMBED", workspace.dist());
    cargo.env(format!("CFLAGS_{}", target.replace('-', "_")), ALLOCATOR_FLAGS);
    shell::run(&mut cargo, "mend what the compiler says above, then run the same command again")?;
    let folder = workspace.program_folder();
    // An image has nothing that could make the folder of its volume.
    files::make_folder(&folder.join("data"))?;
    let program = folder.join("wizitime-server");
    files::copy(&workspace.server_for(&target), &program)?;
    Ok(program)
}
