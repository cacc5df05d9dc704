//! `cargo xtask`: builds, serves, measures and tests WiziTime.
#![expect(clippy::print_stdout, reason = "a command-line tool prints its results")]
#![expect(clippy::print_stderr, reason = "a command-line tool prints its failures")]

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
mod kills;
mod mutants;
mod post_build;
mod serve;
mod sim;
mod size;
mod test;
mod upgrade;
mod wasm;

mod tools;

mod failure;
mod files;
mod shell;
mod stopwatch;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use command::{BenchTarget, Command, CommandLine};
use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    let Some(command) = CommandLine::parse().command else {
        println!("{}", CommandLine::command().render_help());
        return ExitCode::SUCCESS;
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.explanation() {
                eprintln!("\nxtask: {text}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    match command {
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
        Command::Kills { count } => kills::run(&workspace, count),
        Command::Deny => deny::run(&workspace),
        Command::Bench { target: BenchTarget::Server, options } => {
            bench::server(&workspace, &options)
        }
        Command::Size => size::run(&workspace),
        Command::Upgrade { from } => upgrade::run(&workspace, &from),
    }
}
