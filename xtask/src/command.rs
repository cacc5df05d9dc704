//! What was asked for on the command line, as one closed enum.

use crate::failure::Failure;
use crate::test::Part;

/// The text of `cargo xtask help`.
pub(crate) const USAGE: &str = "\
cargo xtask serve [--listen ADDRESS] [--database FILE|URL]
                          install what is missing, build, and serve WiziTime
                          (127.0.0.1:4000 and wizitime.db unless told otherwise)
cargo xtask build         build the client into dist/ and the server
cargo xtask dist          build one static program with the app in it, target/dist/wizitime-server,
                          and hold it to its bounds
cargo xtask test [--only PART]...
                          run every test; PART is native, deny, sim, exhaustive, fuzz, chaos,
                          browser, contract, e2e or dist
cargo xtask conformance   hold the server to each rule of Phoenix Channels, and try two of its
                          clients under Node and in Chromium; a table of it all
cargo xtask sim [--runs N] [--seed S] [--only FAULT] [--twice] [--trace]
                          run the simulator over N seeds from S, with one kind of fault
                          or with all; each twice; tell everything that happens
cargo xtask mutants [--runs N] [--only NAME]...
                          plant known bugs one at a time; the simulator has to catch each
                          within N seeds
cargo xtask exhaustive [--events N] [--only FAULT]
                          go through every order in which things can happen on two devices with
                          two tabs, up to N events and one fault; without N what takes a minute
cargo xtask fuzz [--seconds N] [--seed S]
                          feed everything that reads a stranger's input for N seconds
cargo xtask chaos [--minutes M] [--seed S]
                          real clients against the real server, which is killed, over links that
                          are cut
cargo xtask crash [--trials N]
                          kill N real browsers in the middle of work, count what is lost
cargo xtask deny          licences, versions and sources of what we depend on
cargo xtask bench server  what the server carries on this machine
cargo xtask size          what a first visit transfers, against its bound
cargo xtask post-build    called by Trunk: finishes the staged client";

/// Seeds the simulator runs in `sim` unless told otherwise, and in `cargo xtask test` twice.
pub(crate) const SIMULATOR_RUNS: u64 = 20_000;

/// Seeds that the simulator has to catch a mutant within, unless told otherwise.
const MUTANT_RUNS: u64 = 10_000;

/// How long `fuzz` takes in all, in seconds, unless told otherwise.
const FUZZ_S: u64 = 60;

/// How long `chaos` goes on in `cargo xtask test` and, unless told otherwise, alone.
pub(crate) const CHAOS_MINUTES: u64 = 1;

/// Browsers that `crash` kills unless told otherwise.
const CRASH_TRIALS: u64 = 100;

/// One invocation of xtask.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(ServeOptions),
    Build,
    Dist,
    PostBuild,
    Test { only: Vec<Part> },
    Conformance,
    Sim(SimOptions),
    Mutants { runs: u64, only: Vec<String> },
    Exhaustive(ExhaustiveOptions),
    Fuzz { seconds: u64, seed: u64 },
    Chaos { minutes: u64, seed: u64 },
    Crash { trials: u64 },
    Deny,
    BenchServer,
    Size,
}

/// What the simulator runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SimOptions {
    pub(crate) runs: u64,
    pub(crate) seed: u64,
    /// The only fault that strikes.
    pub(crate) only: Option<String>,
    /// Whether each seed is run twice, and has to be the same.
    pub(crate) twice: bool,
    pub(crate) trace: bool,
}

/// What is gone through.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExhaustiveOptions {
    /// How much people do; without it, only what takes a minute is gone through.
    pub(crate) events: Option<u64>,
    /// The only fault that strikes.
    pub(crate) only: Option<String>,
}

/// Where the server listens and which database it opens, unless its environment says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    pub(crate) listen: String,
    pub(crate) database: Option<String>,
}

impl Command {
    /// Reads the arguments after `cargo xtask`.
    ///
    /// # Errors
    /// [`Failure::Usage`] with the whole usage text, for anything it does not know.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let Some(name) = args.next() else { return Ok(Self::Help) };
        let rest: Vec<String> = args.collect();
        match name.as_str() {
            "help" | "--help" | "-h" => Ok(Self::Help),
            "serve" => {
                let [listen, database] = options(&rest, ["--listen", "--database"])?;
                Ok(Self::Serve(ServeOptions {
                    listen: last(listen).unwrap_or_else(|| "127.0.0.1:4000".to_owned()),
                    database: last(database),
                }))
            }
            "test" => {
                let [only] = options(&rest, ["--only"])?;
                let only = only.iter().map(|name| part(name)).collect::<Result<_, _>>()?;
                Ok(Self::Test { only })
            }
            "sim" => {
                let is_given = |flag: &str| rest.iter().any(|arg| arg == flag);
                let (twice, trace) = (is_given("--twice"), is_given("--trace"));
                let is_flag = |arg: &String| arg == "--twice" || arg == "--trace";
                let rest: Vec<String> = rest.into_iter().filter(|arg| !is_flag(arg)).collect();
                let [runs, seed, only] = options(&rest, ["--runs", "--seed", "--only"])?;
                let runs = last(runs).map_or(Ok(SIMULATOR_RUNS), |text| number(&text))?;
                let seed = last(seed).map_or(Ok(1), |text| number(&text))?;
                Ok(Self::Sim(SimOptions { runs, seed, only: last(only), twice, trace }))
            }
            "mutants" => {
                let [runs, only] = options(&rest, ["--runs", "--only"])?;
                let runs = last(runs).map_or(Ok(MUTANT_RUNS), |text| number(&text))?;
                Ok(Self::Mutants { runs, only })
            }
            "exhaustive" => {
                let [events, only] = options(&rest, ["--events", "--only"])?;
                let events = last(events).map(|text| number(&text)).transpose()?;
                Ok(Self::Exhaustive(ExhaustiveOptions { events, only: last(only) }))
            }
            "fuzz" => {
                let [seconds, seed] = options(&rest, ["--seconds", "--seed"])?;
                let seconds = last(seconds).map_or(Ok(FUZZ_S), |text| number(&text))?;
                let seed = last(seed).map_or(Ok(1), |text| number(&text))?;
                Ok(Self::Fuzz { seconds, seed })
            }
            "chaos" => {
                let [minutes, seed] = options(&rest, ["--minutes", "--seed"])?;
                let minutes = last(minutes).map_or(Ok(CHAOS_MINUTES), |text| number(&text))?;
                let seed = last(seed).map_or(Ok(1), |text| number(&text))?;
                Ok(Self::Chaos { minutes, seed })
            }
            "crash" => {
                let [trials] = options(&rest, ["--trials"])?;
                let trials = last(trials).map_or(Ok(CRASH_TRIALS), |text| number(&text))?;
                Ok(Self::Crash { trials })
            }
            "bench" => match rest.as_slice() {
                [what] if what == "server" => Ok(Self::BenchServer),
                _ => Err(Failure::Usage("what can be measured is `bench server`".to_owned())),
            },
            "build" | "conformance" | "deny" | "dist" | "post-build" | "size" => {
                let [] = options(&rest, [])?;
                Ok(match name.as_str() {
                    "build" => Self::Build,
                    "conformance" => Self::Conformance,
                    "deny" => Self::Deny,
                    "dist" => Self::Dist,
                    "size" => Self::Size,
                    _ => Self::PostBuild,
                })
            }
            other => Err(Failure::Usage(format!("there is no command `{other}`"))),
        }
    }
}

/// The values given for each of `names`, in their order.
fn options<const N: usize>(args: &[String], names: [&str; N]) -> Result<[Vec<String>; N], Failure> {
    let mut values = [const { Vec::new() }; N];
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let Some(at) = names.iter().position(|known| *known == name) else {
            return Err(Failure::Usage(format!("`{arg}` does not belong here")));
        };
        let Some(value) = inline.or_else(|| args.next().cloned()) else {
            return Err(Failure::Usage(format!("`{name}` needs a value")));
        };
        values[at].push(value);
    }
    Ok(values)
}

fn last(mut values: Vec<String>) -> Option<String> {
    values.pop()
}

fn number(text: &str) -> Result<u64, Failure> {
    let digits = text.replace('_', "");
    digits.parse().map_err(|_| Failure::Usage(format!("`{text}` is not a whole number")))
}

fn part(name: &str) -> Result<Part, Failure> {
    Part::ALL.into_iter().find(|part| part.name() == name).ok_or_else(|| {
        let names = Part::ALL.map(Part::name).join(", ");
        Failure::Usage(format!("there is no part `{name}`; the parts are {names}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, Failure> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_asks_for_help() {
        assert_eq!(parse("").unwrap(), Command::Help);
    }

    #[test]
    fn serve_has_defaults_and_takes_both_options() {
        let Command::Serve(options) = parse("serve").unwrap() else { panic!("not serve") };
        assert_eq!(options.listen, "127.0.0.1:4000");
        let Command::Serve(options) = parse("serve --listen [::]:80 --database=x.db").unwrap()
        else {
            panic!("not serve")
        };
        assert_eq!(
            (options.listen.as_str(), options.database.as_deref()),
            ("[::]:80", Some("x.db"))
        );
    }

    #[test]
    fn chaos_has_defaults_and_takes_both_options() {
        let default = Command::Chaos { minutes: CHAOS_MINUTES, seed: 1 };
        assert_eq!(parse("chaos").unwrap(), default);
        let both = Command::Chaos { minutes: 30, seed: 7 };
        assert_eq!(parse("chaos --minutes 30 --seed 7").unwrap(), both);
    }

    #[test]
    fn crash_has_a_default() {
        assert_eq!(parse("crash").unwrap(), Command::Crash { trials: CRASH_TRIALS });
        assert_eq!(parse("crash --trials 3").unwrap(), Command::Crash { trials: 3 });
    }

    #[test]
    fn dist_takes_nothing() {
        assert_eq!(parse("dist").unwrap(), Command::Dist);
        assert!(parse("dist --fast").is_err());
        assert_eq!(parse("test --only dist").unwrap(), Command::Test { only: vec![Part::Dist] });
    }

    #[test]
    fn conformance_takes_nothing() {
        assert_eq!(parse("conformance").unwrap(), Command::Conformance);
        assert!(parse("conformance --fast").is_err());
    }

    #[test]
    fn deny_takes_nothing() {
        assert_eq!(parse("deny").unwrap(), Command::Deny);
        assert!(parse("deny --all").is_err());
    }

    #[test]
    fn fuzz_has_defaults_and_takes_both_options() {
        assert_eq!(parse("fuzz").unwrap(), Command::Fuzz { seconds: FUZZ_S, seed: 1 });
        let expected = Command::Fuzz { seconds: 5, seed: 7 };
        assert_eq!(parse("fuzz --seconds 5 --seed 7").unwrap(), expected);
    }

    #[test]
    fn mutants_have_a_default_and_can_be_named_more_than_once() {
        let all = Command::Mutants { runs: MUTANT_RUNS, only: Vec::new() };
        assert_eq!(parse("mutants").unwrap(), all);
        let only = vec!["two-clocks".to_owned(), "echo".to_owned()];
        let some = Command::Mutants { runs: 500, only };
        assert_eq!(parse("mutants --only two-clocks --runs 500 --only echo").unwrap(), some);
    }

    #[test]
    fn exhaustive_is_small_unless_told_otherwise() {
        let small = ExhaustiveOptions { events: None, only: None };
        assert_eq!(parse("exhaustive").unwrap(), Command::Exhaustive(small));
        let large = ExhaustiveOptions { events: Some(4), only: Some("cut".to_owned()) };
        let line = "exhaustive --events 4 --only cut";
        assert_eq!(parse(line).unwrap(), Command::Exhaustive(large));
    }

    #[test]
    fn parts_can_be_named_more_than_once() {
        let only = vec![Part::Native, Part::Stories];
        assert_eq!(parse("test --only native --only e2e").unwrap(), Command::Test { only });
    }

    #[test]
    fn numbers_may_have_underscores() {
        let options = SimOptions { runs: 10_000, seed: 1, only: None, twice: false, trace: false };
        assert_eq!(parse("sim --runs 10_000").unwrap(), Command::Sim(options));
        let only = Some("cut".to_owned());
        let options = SimOptions { runs: 1, seed: 7, only, twice: true, trace: true };
        let line = "sim --trace --runs 1 --only cut --twice --seed 7";
        assert_eq!(parse(line).unwrap(), Command::Sim(options));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, word) in [
            ("launch", "launch"),
            ("test --only all", "native, deny, sim"),
            ("sim --runs many", "many"),
            ("chaos --minutes 1.5", "1.5"),
            ("size --fast", "--fast"),
            ("serve --listen", "needs a value"),
        ] {
            let text = parse(line).unwrap_err().explanation().unwrap();
            assert!(text.contains(word), "{line}: {text}");
        }
    }
}
