//! `cargo xtask conformance`: checks the server against the rules of Phoenix Channels.

mod node_output;
mod required_rules;
mod row;

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::test::stream::{self, Report};
use crate::test::tally::Tally;
use crate::test::{is_libtest_line, node_tests};
use crate::tools::browser::Browser;
use crate::workspace::Workspace;
use crate::{build, shell};
use row::Row;

/// Checks all rules, prints the table and, as the last line, `N passed, N failed`.
///
/// # Errors
/// When a build or a test runner fails; [`Failure::Tests`] if a rule is violated.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    build::server(workspace)?;
    let Tally { passed, failed } = report(workspace, &workspace.server())?.verdict();
    println!("{passed} passed, {failed} failed");
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Tests),
    }
}

/// Checks all rules against a built server and prints the table.
///
/// # Errors
/// When a build or a test runner fails; violated rules are in the report.
pub(crate) fn report(workspace: &Workspace, server: &Path) -> Result<Report, Failure> {
    let chromium = Browser::ensure(workspace)?.chromium;
    let prepare = |command: &mut Command| {
        command.env("WIZI_SERVER", server).env("CHROMIUM", chromium);
    };
    let outside = node_tests(workspace, "tests/contract", prepare, node_output::is_result)?;
    let inside = stream::run(&mut in_process_tests(workspace), is_libtest_line)?;
    let mut rows = node_output::rows(&outside.notes);
    rows.extend(required_rules::rows(&inside.notes));
    rows.sort_by_key(Row::order);
    print(&rows);
    let succeeded = outside.succeeded && inside.succeeded;
    let counted = [outside.tally, inside.tally].into_iter().sum::<Tally>();
    Ok(summary(&rows, counted, succeeded))
}

/// The tests within the server's process, for states that a client cannot force.
fn in_process_tests(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "cargo");
    // All other packages, so that the dependencies have the features of the native tests.
    command.args(["test", "--workspace", "--exclude", "wizitime"]);
    command.args(["--lib", "--test", "integration"]);
    command.args(["--no-fail-fast", "--", "--exact"]).args(required_rules::names());
    command
}

fn print(rows: &[Row]) {
    let width = |text: fn(&Row) -> &str| {
        rows.iter().map(|row| text(row).chars().count()).max().unwrap_or_default()
    };
    let (sections, rules) = (width(|row| &row.sections), width(|row| &row.rule));
    println!();
    for row in rows {
        let Row { sections: section, rule, location, passed } = row;
        let result = if *passed { "ok" } else { "FAILED" };
        println!("{section:<sections$}  {rule:<rules$}  {result:<6}  {location}");
    }
    println!();
}

/// Counts the rows. The runners must have counted the same: every test has a row.
fn summary(rows: &[Row], counted: Tally, succeeded: bool) -> Report {
    let failed: Vec<String> =
        rows.iter().filter(|row| !row.passed).map(|row| format!("FAILED: {}", row.rule)).collect();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let tally = Tally { passed: count(rows.len() - failed.len()), failed: count(failed.len()) };
    let mut report = Report { tally, notes: failed, succeeded };
    if counted != tally {
        report.succeeded = false;
        let Tally { passed, failed } = counted;
        report.notes.push(format!("the runners counted: {passed} passed, {failed} failed"));
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(passed: bool) -> Row {
        let [sections, rule, location] = ["§1", "a rule", "here"].map(str::to_owned);
        Row { sections, rule, location, passed }
    }

    #[test]
    fn rows_are_counted() {
        let rows = [row(true), row(false), row(true)];
        let report = summary(&rows, Tally { passed: 2, failed: 1 }, false);
        assert_eq!(report.verdict(), Tally { passed: 2, failed: 1 });
        assert_eq!(report.notes, ["FAILED: a rule"]);
    }

    #[test]
    fn test_without_a_row_is_a_failure() {
        let report = summary(&[row(true)], Tally { passed: 2, failed: 0 }, true);
        assert_eq!(report.verdict(), Tally { passed: 1, failed: 1 });
    }
}
