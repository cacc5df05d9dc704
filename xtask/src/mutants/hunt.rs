//! The simulator on the hunt for one bug, and what it brings home.

use super::tree::Tree;
use crate::failure::Failure;
use crate::shell;

/// The columns of [`Catch::row`].
pub(crate) const HEADING: &str = "| mutant | breaks | told | first seed | caught by |";
pub(crate) const RULER: &str = "|---|---|---|---|---|";

/// Seeds that every mutant gets, so that the share that caught it means something.
const FIRST_RUNS: u64 = 200;
/// Seeds that one that is still at large gets each time.
const FURTHER_RUNS: u64 = 1_000;

const NEXT: &str = "the simulator has to end by itself, whatever is wrong: see its output";

/// What became of one mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Catch {
    pub(crate) runs: u64,
    /// How many seeds caught it.
    pub(crate) caught: u64,
    pub(crate) first_seed: Option<u64>,
    /// What the oracle told, each promise once, that of the first seed first.
    told: Vec<String>,
}

impl Catch {
    /// The line of the table.
    pub(crate) fn row(&self, name: &str, breaks: &str) -> String {
        let Self { runs, caught, first_seed, told } = self;
        let first_seed = first_seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string());
        let told = told.join(", ");
        format!("| {name} | {breaks} | {told} | {first_seed} | {caught} of {runs} seeds |")
    }

    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.caught += other.caught;
        self.first_seed = self.first_seed.or(other.first_seed);
        self.told.extend(other.told);
    }

    /// Reads what the simulator printed; none if it did not come to its last line.
    fn read(output: &str) -> Option<Self> {
        let mut catch = Self::default();
        let mut is_whole = false;
        for line in output.lines() {
            // With one thread the runner has begun the line.
            let line = line.trim_start_matches("test sweep::sweep ... ");
            if let Some((seed, why)) = line.strip_prefix("seed ").and_then(|it| it.split_once(": "))
            {
                let seed = seed.parse().ok()?;
                catch.first_seed.get_or_insert(seed);
                let promise = promise(why);
                if !catch.told.contains(&promise) {
                    catch.told.push(promise);
                }
            } else if line.contains(" runs/s") {
                let mut numbers = line.split(", ").map(|part| part.split(' ').next()?.parse().ok());
                (catch.runs, catch.caught) = (numbers.next()??, numbers.next()??);
                is_whole = true;
            }
        }
        is_whole.then_some(catch)
    }
}

/// Lets the simulator run until it has caught the mutant, over so many seeds at most.
///
/// # Errors
/// When the simulator does not come to its end.
pub(crate) fn hunt(tree: &Tree, runs_max: u64) -> Result<Catch, Failure> {
    let mut catch = Catch::default();
    while catch.caught == 0 && catch.runs < runs_max {
        let runs = if catch.runs == 0 { FIRST_RUNS } else { FURTHER_RUNS };
        let runs = runs.min(runs_max - catch.runs);
        catch.add(sweep(tree, catch.runs + 1, runs)?);
    }
    Ok(catch)
}

/// All seeds over a tree in which nothing was planted.
///
/// # Errors
/// When the simulator does not come to its end.
pub(crate) fn control(tree: &Tree, runs: u64) -> Result<Catch, Failure> {
    sweep(tree, 1, runs)
}

fn sweep(tree: &Tree, seed: u64, runs: u64) -> Result<Catch, Failure> {
    let mut command = tree.simulator();
    command.args(["--quiet", "--", "sweep::sweep", "--exact", "--nocapture"]);
    command.env("WIZI_RUNS", runs.to_string()).env("WIZI_SEED", seed.to_string());
    // That it fails is enough.
    command.env("WIZI_BRIEF", "1");
    let output = command.output().map_err(|error| shell::not_started(&command, &error, NEXT))?;
    Catch::read(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        shell::failed(&command, output.status, NEXT)
    })
}

/// The promise that a failure names. What names none is a panic, or something about the log.
fn promise(why: &str) -> String {
    let word = why.split(':').next().unwrap_or_default();
    let is_promise = word.strip_prefix('P').is_some_and(|it| it.parse::<u8>().is_ok());
    match word {
        "panic" => word,
        _ if is_promise => word,
        _ => "log",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_simulator_prints_is_understood() {
        let output = "\nrunning 1 test\nseed 4: P6: a second stop moved the first (at 5 ms)\n\
            seed 9: panic: boom\nseed 11: P6: again\nseed 12: the log has a gap at 3\n\
            200 runs, 14 failures, 90 runs/s on 2 cores, 9 events\ntest sweep::sweep ... FAILED\n";
        let catch = Catch::read(output).unwrap();
        assert_eq!((catch.runs, catch.caught, catch.first_seed), (200, 14, Some(4)));
        assert_eq!(catch.told, ["P6", "panic", "log"]);
        let row = catch.row("second-stop-wins", "P6");
        assert_eq!(row, "| second-stop-wins | P6 | P6, panic, log | 4 | 14 of 200 seeds |");
    }

    #[test]
    fn one_thread_begins_the_line_with_the_test() {
        let catch =
            Catch::read("test sweep::sweep ... seed 7: P1: lost\n9 runs, 1 failures, 5 runs/s\n");
        assert_eq!(catch.unwrap().first_seed, Some(7));
    }

    #[test]
    fn a_simulator_that_did_not_end_caught_nothing() {
        assert_eq!(Catch::read("seed 7: P1: lost\n"), None);
    }

    #[test]
    fn what_is_missed_says_so() {
        let catch = Catch::read("10000 runs, 0 failures, 200 runs/s").unwrap();
        assert_eq!(catch.row("harmless", "P1"), "| harmless | P1 |  | none | 0 of 10000 seeds |");
    }
}
