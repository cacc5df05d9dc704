//! Reads rows from what Node's test runner prints.

use super::row::Row;

/// Whether the line names a test or a group of tests.
pub(super) fn is_line_of_node(line: &str) -> bool {
    ["▶ ", "✔ ", "✖ "].iter().any(|mark| line.starts_with(mark)) && line != "✖ failing tests:"
}

/// A row for each test among the lines, in which a group comes before its tests and ends with a
/// line that names it once more.
pub(super) fn of_node(lines: &[String]) -> Vec<Row> {
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
    fn each_test_is_a_row_with_its_group() {
        let mut lines: Vec<String> = Vec::new();
        for line in PRINTED.lines().map(str::trim).filter(|line| is_line_of_node(line)) {
            if !lines.iter().any(|known| known == line) {
                lines.push(line.to_owned());
            }
        }
        let row = |sections: &str, rule: &str, place: &str, passed| {
            let [sections, rule, place] = [sections, rule, place].map(str::to_owned);
            Row { sections, rule, place, passed }
        };
        assert_eq!(
            of_node(&lines),
            [
                row("§1", "vsn 2.0.x opens", "connect", true),
                row("§1 §6", "a bad token (or none): 403", "connect", false),
                row("", "ping tells the time", "messages", true),
                row("", "tests/contract/broken.test.js", "messages", false),
            ]
        );
    }
}
