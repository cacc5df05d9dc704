//! `cargo xtask test`: every test of the repository, and one line that counts them.

mod part;
pub(crate) mod stream;
pub(crate) mod tally;

pub(crate) use part::{Part, is_libtest_line, node_tests};

use crate::failure::Failure;
use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;
use tally::Tally;

/// What one part came to.
struct Outcome {
    part: Part,
    tally: Tally,
    seconds: u64,
    notes: Vec<String>,
}

/// Runs the parts in `only`, or all of them, each to its end even if an earlier one failed. The
/// last line printed is `N passed, N failed`.
///
/// # Errors
/// [`Failure::Tests`] if anything failed.
pub(crate) fn run(workspace: &Workspace, only: &[Part]) -> Result<(), Failure> {
    let chosen = Part::ALL.into_iter().filter(|part| only.is_empty() || only.contains(part));
    let outcomes: Vec<Outcome> = chosen.map(|part| outcome(workspace, part)).collect();
    let total = outcomes.iter().map(|outcome| outcome.tally).sum::<Tally>();
    summary(&outcomes);
    println!("{} passed, {} failed", total.passed, total.failed);
    match total.failed {
        0 => Ok(()),
        _ => Err(Failure::Tests),
    }
}

fn outcome(workspace: &Workspace, part: Part) -> Outcome {
    println!("\n== {}: {}", part.name(), part.title());
    let clock = Stopwatch::start();
    let (tally, notes) = match part.run(workspace) {
        Ok(report) => (report.verdict(), report.notes),
        Err(failure) => {
            let note = failure.explanation().unwrap_or_else(|| "failed".to_owned());
            println!("{note}");
            (Tally { passed: 0, failed: 1 }, vec![format!("did not run: {}", first_line(&note))])
        }
    };
    Outcome { part, tally, seconds: clock.elapsed().as_secs(), notes }
}

fn summary(outcomes: &[Outcome]) {
    println!("\n{:<10} {:>7} {:>7} {:>8}", "part", "passed", "failed", "seconds");
    for Outcome { part, tally, seconds, notes } in outcomes {
        let Tally { passed, failed } = tally;
        println!("{:<10} {passed:>7} {failed:>7} {seconds:>8}", part.name());
        for note in notes {
            println!("           {note}");
        }
    }
    println!();
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
