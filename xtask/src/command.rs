//! The command line of `cargo xtask`.

use std::num::ParseIntError;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::test::Part;

/// Seeds per run of the simulator.
pub(crate) const SIMULATOR_RUNS: u64 = 20_000;

/// Duration of the chaos test in minutes.
pub(crate) const CHAOS_MINUTES: u64 = 1;

/// Most seeds for each mutant.
const MUTANT_RUNS_MAX: u64 = 10_000;

/// Duration of all fuzz targets together in seconds.
const FUZZ_S: u64 = 60;

/// Browsers killed by the crash trials.
const CRASH_TRIALS: u64 = 100;

/// Builds, serves, measures and tests WiziTime.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", args_override_self = true)]
pub(crate) struct CommandLine {
    /// Without a command, the help is printed.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// One command with its options.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Install missing tools, build client and server, and serve WiziTime
    Serve(ServeOptions),
    /// Build the client into dist/ and the server
    Build,
    /// Build one static program that contains the client, target/dist/wizitime-server, and check
    /// its bounds
    Dist,
    /// Run all tests
    Test {
        /// Run only this part; may be repeated
        #[arg(long, value_name = "PART")]
        only: Vec<Part>,
    },
    /// Check the server against the rules of Phoenix Channels, and two versions of the npm client
    /// under Node.js and in Chromium; print the table of rules
    Conformance,
    /// Run the simulator
    Sim(SimOptions),
    /// Plant known bugs one at a time; the simulator has to detect each
    Mutants {
        /// Most seeds for each mutant
        #[arg(long, default_value_t = MUTANT_RUNS_MAX, value_parser = number)]
        runs: u64,
        /// Only this mutant; may be repeated
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
    },
    /// Explore every order of events on two devices with two tabs, with up to one fault
    Exhaustive(ExhaustiveOptions),
    /// Feed malformed input to every parser of untrusted data
    Fuzz {
        /// Duration of all targets together
        #[arg(long, default_value_t = FUZZ_S, value_parser = number)]
        seconds: u64,
        /// First seed
        #[arg(long, default_value_t = 1, value_parser = number)]
        seed: u64,
    },
    /// Run real clients against the real server while the server is killed and links are cut
    Chaos {
        /// Duration
        #[arg(long, default_value_t = CHAOS_MINUTES, value_parser = number)]
        minutes: u64,
        /// Seed of the faults
        #[arg(long, default_value_t = 1, value_parser = number)]
        seed: u64,
    },
    /// Kill real browsers while they record, and count lost and duplicated entries
    Crash {
        /// Number of browsers to kill
        #[arg(long, default_value_t = CRASH_TRIALS, value_parser = number)]
        trials: u64,
    },
    /// Upgrade tabs with waiting, quarantined and archived events from an older commit to this one
    Upgrade {
        /// Commit of the previous release
        #[arg(long, value_name = "COMMIT")]
        from: String,
    },
    /// Kill the server while it acknowledges events, and check that none is missing
    Kills {
        /// Kills on each database
        #[arg(long, value_name = "N", default_value = "1000", value_parser = number)]
        count: u64,
    },
    /// Check licences, versions and sources of the dependencies
    Deny,
    /// Run a benchmark
    Bench {
        /// The benchmark
        target: BenchTarget,
        #[command(flatten)]
        options: BenchOptions,
    },
    /// Measure the bytes that a first visit transfers, against their bound
    Size,
    /// Finish the staged client (run by Trunk as a hook)
    PostBuild,
}

/// Options of `serve`.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4000")]
    pub(crate) listen: String,
    /// SQLite file or PostgreSQL URL; default: WIZITIME_DATABASE, DATABASE_URL, or wizitime.db
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) database: Option<String>,
}

/// Options of `sim`.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct SimOptions {
    /// Number of seeds
    #[arg(long, default_value_t = SIMULATOR_RUNS, value_parser = number)]
    pub(crate) runs: u64,
    /// First seed
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub(crate) seed: u64,
    /// Inject only these kinds of fault, with commas between them
    #[arg(long, value_name = "FAULTS")]
    pub(crate) only: Option<String>,
    /// Run each seed twice and compare the results
    #[arg(long)]
    pub(crate) twice: bool,
    /// Print everything that happens
    #[arg(long)]
    pub(crate) trace: bool,
}

/// Options of `exhaustive`.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct ExhaustiveOptions {
    /// User events per exploration; default: the scopes that take about a minute
    #[arg(long, value_parser = number)]
    pub(crate) events: Option<u64>,
    /// Inject only this kind of fault
    #[arg(long, value_name = "FAULT")]
    pub(crate) only: Option<String>,
}

/// Options of `bench`.
#[derive(Args, Debug, PartialEq, Eq)]
pub(crate) struct BenchOptions {
    /// A program to measure instead of the build for it
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    /// One scenario: start, idle, writers, fan-out, reconnect or sign-ins
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) only: Option<String>,
}

/// Benchmarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchTarget {
    /// The server, from start-up to ten thousand clients
    Server,
}

/// Parses a whole number; digits may be grouped with underscores.
fn number(text: &str) -> Result<u64, ParseIntError> {
    text.replace('_', "").parse()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn try_parse(line: &str) -> Result<Option<Command>, clap::Error> {
        let words = ["xtask"].into_iter().chain(line.split_whitespace());
        CommandLine::try_parse_from(words).map(|line| line.command)
    }

    fn parse(line: &str) -> Command {
        try_parse(line).unwrap().unwrap()
    }

    #[test]
    fn definition_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn command_is_optional() {
        assert_eq!(try_parse("").unwrap(), None);
    }

    #[test]
    fn help_lists_commands_and_parts() {
        for (line, text) in [("--help", "conformance"), ("help", "serve"), ("test -h", "native")] {
            let error = try_parse(line).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{line}");
            assert!(error.to_string().contains(text), "{line}: {error}");
        }
    }

    #[test]
    fn serve_has_defaults_and_two_options() {
        let serve = |listen: &str, database: Option<&str>| {
            let database = database.map(str::to_owned);
            Command::Serve(ServeOptions { listen: listen.to_owned(), database })
        };
        assert_eq!(parse("serve"), serve("127.0.0.1:4000", None));
        let line = "serve --listen [::]:80 --database=x.db";
        assert_eq!(parse(line), serve("[::]:80", Some("x.db")));
    }

    #[test]
    fn numeric_options_have_defaults() {
        assert_eq!(parse("chaos"), Command::Chaos { minutes: CHAOS_MINUTES, seed: 1 });
        assert_eq!(parse("chaos --minutes 30 --seed 7"), Command::Chaos { minutes: 30, seed: 7 });
        assert_eq!(parse("crash"), Command::Crash { trials: CRASH_TRIALS });
        assert_eq!(parse("crash --trials 3"), Command::Crash { trials: 3 });
        assert_eq!(parse("fuzz"), Command::Fuzz { seconds: FUZZ_S, seed: 1 });
        assert_eq!(parse("fuzz --seconds 5 --seed 7"), Command::Fuzz { seconds: 5, seed: 7 });
    }

    #[test]
    fn commands_without_options_accept_none() {
        for (line, command) in [
            ("build", Command::Build),
            ("conformance", Command::Conformance),
            ("deny", Command::Deny),
            ("dist", Command::Dist),
            ("post-build", Command::PostBuild),
            ("size", Command::Size),
        ] {
            assert_eq!(parse(line), command);
            assert!(try_parse(&format!("{line} --fast")).is_err(), "{line}");
        }
    }

    #[test]
    fn bench_needs_a_target() {
        assert_eq!(
            parse("bench server"),
            Command::Bench {
                target: BenchTarget::Server,
                options: BenchOptions { program: None, only: None }
            }
        );
        assert!(try_parse("bench").is_err());
    }

    #[test]
    fn mutants_and_parts_are_repeatable() {
        let all = Command::Mutants { runs: MUTANT_RUNS_MAX, only: Vec::new() };
        assert_eq!(parse("mutants"), all);
        let only = vec!["two-clocks".to_owned(), "echo".to_owned()];
        let line = "mutants --only two-clocks --runs 500 --only echo";
        assert_eq!(parse(line), Command::Mutants { runs: 500, only });
        let only = vec![Part::Native, Part::EndToEnd];
        assert_eq!(parse("test --only native --only e2e"), Command::Test { only });
    }

    #[test]
    fn exhaustive_scope_is_optional() {
        let default = ExhaustiveOptions { events: None, only: None };
        assert_eq!(parse("exhaustive"), Command::Exhaustive(default));
        let large = ExhaustiveOptions { events: Some(4), only: Some("cut".to_owned()) };
        assert_eq!(parse("exhaustive --events 4 --only cut"), Command::Exhaustive(large));
    }

    #[test]
    fn numbers_may_have_underscores() {
        let options = SimOptions { runs: 10_000, seed: 1, only: None, twice: false, trace: false };
        assert_eq!(parse("sim --runs 10_000"), Command::Sim(options));
    }

    #[test]
    fn last_value_of_an_option_wins() {
        let only = Some("cut".to_owned());
        let options = SimOptions { runs: 1, seed: 7, only, twice: true, trace: true };
        let line = "sim --trace --runs 9 --runs 1 --only cut --twice --seed 7";
        assert_eq!(parse(line), Command::Sim(options));
    }

    #[test]
    fn errors_name_the_mistake() {
        for (line, word) in [
            ("launch", "launch"),
            ("test --only all", "native, deny, sim"),
            ("sim --runs many", "many"),
            ("chaos --minutes 1.5", "1.5"),
            ("size --fast", "--fast"),
            ("serve --listen", "a value is required"),
        ] {
            let text = try_parse(line).unwrap_err().to_string();
            assert!(text.contains(word), "{line}: {text}");
        }
    }
}
