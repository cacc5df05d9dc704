//! Runs the simulator on one mutant and reads the result.

use super::tree::Tree;
use crate::failure::Failure;
use crate::shell;

/// Columns of [`Detection::row`].
pub(crate) const HEADING: &str = "| mutant | breaks | reported | first seed | detected by |";
pub(crate) const RULER: &str = "|---|---|---|---|---|";

/// Seeds for every mutant.
const FIRST_RUNS: u64 = 200;
/// Seeds per further attempt for a mutant that is not detected yet.
const FURTHER_RUNS: u64 = 1_000;

const NEXT: &str = "the simulator did not print its result: see its output";

/// Result for one mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detection {
    pub(crate) runs: u64,
    /// Seeds that detected it.
    pub(crate) caught: u64,
    pub(crate) first_seed: Option<u64>,
    /// The reported invariants without duplicates, in order of the seeds.
    reported: Vec<String>,
}

impl Detection {
    /// The row of the table.
    pub(crate) fn row(&self, name: &str, breaks: &str) -> String {
        let Self { runs, caught, first_seed, reported } = self;
        let first_seed = first_seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string());
        let reported = reported.join(", ");
        format!("| {name} | {breaks} | {reported} | {first_seed} | {caught} of {runs} seeds |")
    }

    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.caught += other.caught;
        self.first_seed = self.first_seed.or(other.first_seed);
        self.reported.extend(other.reported);
    }

    /// Parses the output of the simulator; `None` without its last line.
    fn read(output: &str) -> Option<Self> {
        let mut detection = Self::default();
        let mut is_whole = false;
        for line in output.lines() {
            // With one thread libtest prints the test's name first.
            let line = line.trim_start_matches("test sweep::sweep ... ");
            if let Some((seed, why)) = line.strip_prefix("seed ").and_then(|it| it.split_once(": "))
            {
                let seed = seed.parse().ok()?;
                detection.first_seed.get_or_insert(seed);
                let invariant = invariant(why);
                if !detection.reported.contains(&invariant) {
                    detection.reported.push(invariant);
                }
            } else if line.contains(" runs/s") {
                let mut numbers = line.split(", ").map(|part| part.split(' ').next()?.parse().ok());
                (detection.runs, detection.caught) = (numbers.next()??, numbers.next()??);
                is_whole = true;
            }
        }
        is_whole.then_some(detection)
    }
}

/// Runs seeds until the mutant is detected, `runs_max` at most, with these kinds of fault.
///
/// # Errors
/// When the simulator prints no result.
pub(crate) fn detect(
    tree: &Tree,
    faults: Option<&str>,
    runs_max: u64,
) -> Result<Detection, Failure> {
    let mut detection = Detection::default();
    while detection.caught == 0 && detection.runs < runs_max {
        let runs = if detection.runs == 0 { FIRST_RUNS } else { FURTHER_RUNS };
        let runs = runs.min(runs_max - detection.runs);
        detection.add(sweep(tree, faults, detection.runs + 1, runs)?);
    }
    Ok(detection)
}

/// Runs all seeds without a mutant, with these kinds of fault.
///
/// # Errors
/// When the simulator prints no result.
pub(crate) fn control(tree: &Tree, faults: Option<&str>, runs: u64) -> Result<Detection, Failure> {
    sweep(tree, faults, 1, runs)
}

fn sweep(tree: &Tree, faults: Option<&str>, seed: u64, runs: u64) -> Result<Detection, Failure> {
    let mut command = tree.simulator();
    command.args(["--quiet", "--", "sweep::sweep", "--exact", "--nocapture"]);
    command.env("WIZI_RUNS", runs.to_string()).env("WIZI_SEED", seed.to_string());
    command.envs(faults.map(|it| ("WIZI_ONLY", it)));
    // Failures need not be shrunk.
    command.env("WIZI_BRIEF", "1");
    let output = command.output().map_err(|error| shell::not_started(&command, &error, NEXT))?;
    Detection::read(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        shell::failed(&command, output.status, NEXT)
    })
}

/// The invariant named by a failure; other failures are panics or errors in the log.
fn invariant(why: &str) -> String {
    let word = why.split(':').next().unwrap_or_default();
    let is_invariant = word.strip_prefix('P').is_some_and(|it| it.parse::<u8>().is_ok());
    match word {
        "panic" => word,
        _ if is_invariant => word,
        _ => "log",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulator_output_is_parsed() {
        let output = "\nrunning 1 test\nseed 4: P6: a second stop moved the first (at 5 ms)\n\
            seed 9: panic: boom\nseed 11: P6: again\nseed 12: the log has a gap at 3\n\
            200 runs, 14 failures, 90 runs/s on 2 cores, 9 events\ntest sweep::sweep ... FAILED\n";
        let detection = Detection::read(output).unwrap();
        assert_eq!((detection.runs, detection.caught, detection.first_seed), (200, 14, Some(4)));
        assert_eq!(detection.reported, ["P6", "panic", "log"]);
        let row = detection.row("second-stop-wins", "P6");
        assert_eq!(row, "| second-stop-wins | P6 | P6, panic, log | 4 | 14 of 200 seeds |");
    }

    #[test]
    fn test_name_before_the_first_line_is_skipped() {
        let detection = Detection::read(
            "test sweep::sweep ... seed 7: P1: lost\n9 runs, 1 failures, 5 runs/s\n",
        );
        assert_eq!(detection.unwrap().first_seed, Some(7));
    }

    #[test]
    fn output_without_a_result_is_rejected() {
        assert_eq!(Detection::read("seed 7: P1: lost\n"), None);
    }

    #[test]
    fn undetected_mutant_has_no_first_seed() {
        let detection = Detection::read("10000 runs, 0 failures, 200 runs/s").unwrap();
        assert_eq!(
            detection.row("harmless", "P1"),
            "| harmless | P1 |  | none | 0 of 10000 seeds |"
        );
    }
}
