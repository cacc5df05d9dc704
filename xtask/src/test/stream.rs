//! Runs a test program, prints its output and counts its tests.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::tally::Tally;
use crate::failure::Failure;
use crate::shell;

/// A program without output for this long is considered stuck.
const SILENCE_MAX_S: u64 = 20 * 60;

const NEXT: &str = "run this part alone with `cargo xtask test --only PART`";

/// Result of a test program.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    pub(crate) notes: Vec<String>,
    /// Whether the program exited with status 0.
    pub(crate) succeeded: bool,
}

impl Report {
    /// The start value for [`Report::add`].
    pub(crate) fn empty() -> Self {
        Self { succeeded: true, ..Self::default() }
    }

    /// Adds the result of another program. A failed program without a failed test counts as one
    /// failure.
    pub(crate) fn add(&mut self, other: Self) {
        self.tally = [self.tally, other.verdict()].into_iter().sum();
        self.notes.extend(other.notes);
        self.succeeded &= other.succeeded;
    }

    /// The count, with at least one failure if the program failed or ran no test.
    pub(crate) fn verdict(&self) -> Tally {
        let Tally { passed, failed } = self.tally;
        let unexplained = failed == 0 && (!self.succeeded || passed == 0);
        Tally { passed, failed: failed + u64::from(unexplained) }
    }
}

/// Runs `command` to its end. `note` selects the lines of the summary.
///
/// # Errors
/// [`Failure::Command`] when it does not start or prints nothing for [`SILENCE_MAX_S`].
pub(crate) fn run(command: &mut Command, note: fn(&str) -> bool) -> Result<Report, Failure> {
    println!("  $ {}", shell::line(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| shell::not_started(command, &error, NEXT))?;
    let mut report = Report::default();
    let lines = child.stdout.take().map(lines_of);
    while let Some(lines) = &lines {
        match lines.recv_timeout(Duration::from_secs(SILENCE_MAX_S)) {
            Ok(line) => {
                println!("{line}");
                report.tally = [report.tally, Tally::of_line(&line)].into_iter().sum();
                // Test runners repeat their failures at the end.
                let line = line.trim();
                if note(line) && !report.notes.iter().any(|known| known == line) {
                    report.notes.push(line.to_owned());
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => return Err(stop(command, &mut child)),
        }
    }
    let status = wait(command, &mut child)?;
    report.succeeded = status.success();
    if report.verdict() != report.tally {
        report.notes.push(format!("`{}` ended with {status}", shell::line(command)));
    }
    Ok(report)
}

/// Reads lines on another thread, so that the caller can time out.
fn lines_of(output: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(line).is_err() {
                return;
            }
            bytes.clear();
        }
    });
    receiver
}

fn wait(command: &Command, child: &mut Child) -> Result<ExitStatus, Failure> {
    child.wait().map_err(|error| shell::not_started(command, &error, NEXT))
}

fn stop(command: &Command, child: &mut Child) -> Failure {
    let ended = match child.kill().and_then(|()| child.wait()) {
        Ok(_) => format!("printed nothing for {SILENCE_MAX_S} s and was killed"),
        Err(error) => {
            format!("printed nothing for {SILENCE_MAX_S} s and cannot be killed: {error}")
        }
    };
    Failure::Command { line: shell::line(command), ended, next: NEXT.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Report, Tally};

    fn verdict(passed: u64, failed: u64, succeeded: bool) -> (u64, u64) {
        let report = Report { tally: Tally { passed, failed }, notes: Vec::new(), succeeded };
        let Tally { passed, failed } = report.verdict();
        (passed, failed)
    }

    #[test]
    fn failed_program_counts_as_a_failure() {
        assert_eq!(verdict(5, 0, false), (5, 1));
        assert_eq!(verdict(5, 2, false), (5, 2));
    }

    #[test]
    fn reports_are_added() {
        let report = |passed, succeeded| {
            let tally = Tally { passed, failed: 0 };
            Report { tally, notes: vec!["a".to_owned()], succeeded }
        };
        let mut both = Report::empty();
        both.add(report(5, true));
        both.add(report(2, false));
        assert_eq!(both.verdict(), Tally { passed: 7, failed: 1 });
        assert_eq!(both.notes.len(), 2);
    }

    #[test]
    fn run_without_tests_is_a_failure() {
        assert_eq!(verdict(0, 0, true), (0, 1));
        assert_eq!(verdict(5, 0, true), (5, 0));
    }
}
