//! `cargo xtask conformance`: the server against the rules of Phoenix Channels and its clients.

mod forced;
mod row;
mod rows;

use std::process::Command;

use crate::failure::Failure;
use crate::test::stream::{self, Report};
use crate::test::tally::Tally;
use crate::test::{is_libtest_line, node_tests};
use crate::tools::browser::Browser;
use crate::workspace::Workspace;
use crate::{build, shell};
use row::Row;

/// Checks every rule, prints the table of them, and ends with `N passed, N failed`.
///
/// # Errors
/// When something cannot be built or run; [`Failure::Tests`] if a rule does not hold.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let Tally { passed, failed } = report(workspace)?.verdict();
    println!("{passed} passed, {failed} failed");
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Tests),
    }
}

/// Checks every rule and prints the table of them.
///
/// # Errors
/// When something cannot be built or run; rules that do not hold are in the report.
pub(crate) fn report(workspace: &Workspace) -> Result<Report, Failure> {
    build::server(workspace)?;
    let chromium = Browser::ensure(workspace)?.chromium;
    let prepare = |command: &mut Command| {
        command.env("WIZITIME_SERVER", workspace.server()).env("CHROMIUM", chromium);
    };
    let outside = node_tests(workspace, "tests/contract", prepare, rows::is_line_of_node)?;
    let inside = stream::run(&mut forced_tests(workspace), is_libtest_line)?;
    let mut rows = rows::of_node(&outside.notes);
    rows.extend(forced::rows(&inside.notes));
    rows.sort_by_key(Row::order);
    print(&rows);
    let succeeded = outside.succeeded && inside.succeeded;
    let told = [outside.tally, inside.tally].into_iter().sum::<Tally>();
    Ok(summary(&rows, told, succeeded))
}

/// The rules whose states cannot be forced from outside.
fn forced_tests(workspace: &Workspace) -> Command {
    let mut command = shell::program(workspace, "cargo");
    command.args(["test", "--package", "wizitime-server", "--package", "wizitime-hub"]);
    command.args(["--package", "wizitime-protocol", "--lib", "--test", "integration"]);
    command.args(["--no-fail-fast", "--", "--exact"]).args(forced::names());
    command
}

fn print(rows: &[Row]) {
    let width = |text: fn(&Row) -> &str| {
        rows.iter().map(|row| text(row).chars().count()).max().unwrap_or_default()
    };
    let (sections, rules) = (width(|row| &row.sections), width(|row| &row.rule));
    println!();
    for row in rows {
        let Row { sections: section, rule, place, passed } = row;
        let result = if *passed { "ok" } else { "FAILED" };
        println!("{section:<sections$}  {rule:<rules$}  {result:<6}  {place}");
    }
    println!();
}

/// Counts rows. What the runners `told` has to be the same: no test is without a row.
fn summary(rows: &[Row], told: Tally, succeeded: bool) -> Report {
    let failed: Vec<String> =
        rows.iter().filter(|row| !row.passed).map(|row| format!("FAILED: {}", row.rule)).collect();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let tally = Tally { passed: count(rows.len() - failed.len()), failed: count(failed.len()) };
    let mut report = Report { tally, notes: failed, succeeded };
    if told != tally {
        report.succeeded = false;
        let Tally { passed, failed } = told;
        report.notes.push(format!("the tests themselves say: {passed} passed, {failed} failed"));
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(passed: bool) -> Row {
        let [sections, rule, place] = ["§1", "a rule", "here"].map(str::to_owned);
        Row { sections, rule, place, passed }
    }

    #[test]
    fn rows_are_what_is_counted() {
        let rows = [row(true), row(false), row(true)];
        let report = summary(&rows, Tally { passed: 2, failed: 1 }, false);
        assert_eq!(report.verdict(), Tally { passed: 2, failed: 1 });
        assert_eq!(report.notes, ["FAILED: a rule"]);
    }

    #[test]
    fn a_test_without_a_row_is_a_failure() {
        let report = summary(&[row(true)], Tally { passed: 2, failed: 0 }, true);
        assert_eq!(report.verdict(), Tally { passed: 1, failed: 1 });
    }
}
