//! A row of the conformance table.

/// A rule and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Sections of the list of rules, such as `§3.2 §6`; empty for WiziTime's own messages.
    pub(super) sections: String,
    pub(super) rule: String,
    /// Name of the test or group that checks it.
    pub(super) location: String,
    pub(super) passed: bool,
}

impl Row {
    /// The row of a test, whose title begins with the sections.
    pub(super) fn of_test(title: &str, location: &str, passed: bool) -> Self {
        let is_rule = |word: &&str| !word.starts_with('§');
        let rule = title.split(' ').skip_while(|word| !is_rule(word)).collect::<Vec<_>>().join(" ");
        let sections = title.strip_suffix(&*rule).unwrap_or_default().trim_end().to_owned();
        Self { sections, rule, location: location.to_owned(), passed }
    }

    /// Sort key: section, then location; rows without a section come last.
    pub(super) fn order(&self) -> (bool, u32, u32, String, String) {
        let section = self.sections.split(' ').next().unwrap_or_default();
        let mut numbers = section.split(|letter: char| !letter.is_ascii_digit()).skip(1);
        let mut number = || numbers.next().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
        let (whole, part) = (number(), number());
        (section.is_empty(), whole, part, section.to_owned(), self.location.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn sections_precede_the_rule() {
        let row = Row::of_test("§3.2 §6 a join is answered", "channels", true);
        assert_eq!((&*row.sections, &*row.rule), ("§3.2 §6", "a join is answered"));
        let row = Row::of_test("ping tells the time", "messages", true);
        assert_eq!((&*row.sections, &*row.rule), ("", "ping tells the time"));
    }

    #[test]
    fn rows_are_sorted_by_section() {
        let titles = ["§1 a", "§2 §6 b", "§3.2 c", "§3.10 d", "§3-close e", "§4 f", "g"];
        let rows = titles.map(|title| Row::of_test(title, "", true));
        let mut sorted = rows.clone();
        sorted.reverse();
        sorted.sort_by_key(Row::order);
        assert_eq!(sorted, rows);
    }
}
