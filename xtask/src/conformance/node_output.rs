//! Parses the output of Node's test runner.

use super::row::Row;

/// Whether the line is the result of a test or a group of tests.
pub(super) fn is_result(line: &str) -> bool {
    ["▶ ", "✔ ", "✖ "].iter().any(|mark| line.starts_with(mark)) && line != "✖ failing tests:"
}

/// A row for each test. A group is printed before its tests and again at its end.
pub(super) fn rows(lines: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut group = "";
    for line in lines {
        let Some((mark, title)) = line.split_once(' ') else { continue };
        let title = without_duration(title);
        match mark {
            "▶" => group = title,
            _ if title == group => (),
            _ => rows.push(Row::of_test(title, group, mark == "✔")),
        }
    }
    rows
}

fn without_duration(title: &str) -> &str {
    let open = title.rfind(" (").filter(|_| title.ends_with("ms)"));
    open.map_or(title, |at| &title[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "
▶ connect
  ✔ §1 vsn 2.0.x opens (28.8ms)
  ✖ §1 §6 a bad token (or none): 403 (5.9ms)
    AssertionError: 1 is not 2
✖ connect (777.3ms)
▶ messages
  ✔ ping tells the time (25.7ms)
✔ messages (622.5ms)
✖ tests/contract/broken.test.js (12.3ms)
ℹ pass 2
✖ failing tests:
✖ §1 §6 a bad token (or none): 403 (5.9ms)";

    #[test]
    fn each_test_becomes_a_row_with_its_group() {
        let mut lines: Vec<String> = Vec::new();
        for line in PRINTED.lines().map(str::trim).filter(|line| is_result(line)) {
            if !lines.iter().any(|known| known == line) {
                lines.push(line.to_owned());
            }
        }
        let row = |sections: &str, rule: &str, group: &str, passed| {
            let [sections, rule, location] = [sections, rule, group].map(str::to_owned);
            Row { sections, rule, location, passed }
        };
        assert_eq!(
            rows(&lines),
            [
                row("§1", "vsn 2.0.x opens", "connect", true),
                row("§1 §6", "a bad token (or none): 403", "connect", false),
                row("", "ping tells the time", "messages", true),
                row("", "tests/contract/broken.test.js", "messages", false),
            ]
        );
    }
}
