//! `cargo xtask`: builds, serves, measures and tests WiziTime; the only automation there is.
#![expect(clippy::print_stdout, reason = "a command-line tool answers on standard output")]
#![expect(clippy::print_stderr, reason = "and explains its failures on standard error")]

mod command;

mod bench;
mod build;
mod chaos;
mod conformance;
mod crash;
mod deny;
mod dist;
mod exhaustive;
mod fuzz;
mod mutants;
mod post_build;
mod serve;
mod sim;
mod size;
mod test;

mod tools;

mod failure;
mod files;
mod shell;
mod stopwatch;
mod workspace;

use std::process::ExitCode;

use command::Command;
use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.explanation() {
                eprintln!("\nxtask: {text}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let command = Command::parse(std::env::args().skip(1))?;
    let workspace = Workspace::find()?;
    match command {
        Command::Help => {
            println!("{}", command::USAGE);
            Ok(())
        }
        Command::Serve(options) => serve::run(&workspace, &options),
        Command::Build => build::run(&workspace),
        Command::Dist => dist::run(&workspace),
        Command::PostBuild => post_build::run(&workspace),
        Command::Test { only } => test::run(&workspace, &only),
        Command::Conformance => conformance::run(&workspace),
        Command::Sim(options) => sim::run(&workspace, &options),
        Command::Mutants { runs, only } => mutants::run(&workspace, runs, &only),
        Command::Exhaustive(options) => exhaustive::run(&workspace, &options),
        Command::Fuzz { seconds, seed } => fuzz::run(&workspace, seconds, seed),
        Command::Chaos { minutes, seed } => chaos::run(&workspace, minutes, seed),
        Command::Crash { trials } => crash::run(&workspace, trials),
        Command::Deny => deny::run(&workspace),
        Command::BenchServer => bench::server(&workspace),
        Command::Size => size::run(&workspace),
    }
}
