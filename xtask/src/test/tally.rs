//! Counts tests from the output of test runners.

use std::iter::Sum;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| Self {
            passed: sum.passed + tally.passed,
            failed: sum.failed + tally.failed,
        })
    }
}

impl Tally {
    /// The tests counted by one line of output of libtest or wasm-bindgen-test (`test result: ok. 3
    /// passed; 0 failed; …`) or of Node's runner (`ℹ pass 3` or `# pass 3`).
    pub(crate) fn of_line(line: &str) -> Self {
        let line = line.trim();
        if let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| {
            // The result ends with a full stop: "ok." or "FAILED."
            rest.split_once(". ")
        }) {
            return Self::of_counts(counts);
        }
        let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else {
            return Self::default();
        };
        match rest.split_once(' ') {
            Some(("pass", count)) => Self { passed: number(count), failed: 0 },
            // A cancelled test did not pass.
            Some(("fail" | "cancelled", count)) => Self { passed: 0, failed: number(count) },
            _ => Self::default(),
        }
    }

    fn of_counts(counts: &str) -> Self {
        let mut tally = Self::default();
        for count in counts.split("; ") {
            match count.split_once(' ') {
                Some((count, "passed")) => tally.passed = number(count),
                Some((count, "failed")) => tally.failed = number(count),
                _ => (),
            }
        }
        tally
    }
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn check(output: &str, passed: u64, failed: u64) {
        let tally = output.lines().map(Tally::of_line).sum::<Tally>();
        assert_eq!(tally, Tally { passed, failed }, "{output}");
    }

    #[test]
    fn results_of_several_libtest_binaries_are_added() {
        check(
            "running 2 tests\ntest a ... ok\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
             test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out",
            33,
            2,
        );
    }

    #[test]
    fn both_formats_of_node_are_read() {
        check("ℹ tests 5\nℹ pass 3\nℹ fail 1\nℹ cancelled 1", 3, 2);
        check("# tests 4\n# pass 4\n# fail 0", 4, 0);
    }

    #[test]
    fn other_lines_are_ignored() {
        check("# Subtest: pass 3\nfail 2\n10 passed, 2 failed\nℹ passing 7", 0, 0);
    }
}
