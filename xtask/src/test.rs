//! `cargo xtask test`: runs all tests and counts them.

mod builds;
mod part;
pub(crate) mod stream;
pub(crate) mod tally;
mod trunk;

pub(crate) use part::{Part, is_libtest_line, node_tests};

use std::thread;

use crate::failure::Failure;
use crate::stopwatch::Stopwatch;
use crate::workspace::Workspace;
use builds::Builds;
use tally::Tally;

/// Result of one part.
struct PartResult {
    part: Part,
    tally: Tally,
    seconds: u64,
    notes: Vec<String>,
}

/// Runs the parts in `only`, or all if it is empty; a failed part does not stop the others. The
/// last line printed is `N passed, N failed`.
///
/// # Errors
/// [`Failure::Tests`] if a test failed.
pub(crate) fn run(workspace: &Workspace, only: &[Part]) -> Result<(), Failure> {
    let chosen = Part::ALL.into_iter().filter(|part| only.is_empty() || only.contains(part));
    let chosen: Vec<Part> = chosen.collect();
    let mut builds = Builds::new(workspace, &chosen);
    let results: Vec<PartResult> = thread::scope(|scope| {
        // The first parts leave a core idle at times.
        scope.spawn(|| install_tools(workspace, &chosen));
        chosen.iter().map(|part| run_part(&mut builds, *part)).collect()
    });
    let total = results.iter().map(|result| result.tally).sum::<Tally>();
    print_summary(&results);
    println!("{} passed, {} failed", total.passed, total.failed);
    match total.failed {
        0 => Ok(()),
        _ => Err(Failure::Tests),
    }
}

/// Installs the tools of the parts in advance, in the order of their use. A part waits for an
/// installation in progress.
fn install_tools(workspace: &Workspace, parts: &[Part]) {
    for part in parts {
        if let Err(failure) = part.install_tools(workspace) {
            // The part installs the tool again, and fails if that fails.
            let text = failure.explanation().unwrap_or_default();
            println!("\nTools of {}, in advance: {text}", part.name());
        }
    }
}

fn run_part(builds: &mut Builds<'_>, part: Part) -> PartResult {
    println!("\n== {}: {}", part.name(), part.title());
    let clock = Stopwatch::start();
    let (tally, notes) = match part.run(builds) {
        Ok(report) => (report.verdict(), report.notes),
        Err(failure) => {
            let note = failure.explanation().unwrap_or_else(|| "failed".to_owned());
            println!("{note}");
            (Tally { passed: 0, failed: 1 }, vec![format!("did not run: {}", first_line(&note))])
        }
    };
    PartResult { part, tally, seconds: clock.elapsed().as_secs(), notes }
}

fn print_summary(results: &[PartResult]) {
    println!("\n{:<10} {:>7} {:>7} {:>8}", "part", "passed", "failed", "seconds");
    for PartResult { part, tally, seconds, notes } in results {
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
