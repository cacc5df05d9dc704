//! Suggestions for the description, from history.

use wizitime_domain::{ProjectId, SortedSet};

use crate::store::State;

/// The most suggestions at a time.
pub const SUGGESTIONS_MAX: usize = 8;
/// The most entries that are searched.
const ENTRIES_SEARCHED_MAX: usize = 3_000;

/// A description that was used before, with its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    pub description: String,
    pub project_id: Option<ProjectId>,
}

impl Suggestion {
    /// The project that accepting the suggestion leads to: a suggestion without a project keeps
    /// the one that was chosen.
    pub fn project_with(&self, chosen: Option<ProjectId>) -> Option<ProjectId> {
        self.project_id.or(chosen)
    }
}

/// The latest descriptions in which every word of the query is the prefix of a word, each once per
/// project.
pub fn select_suggestions(state: &State, query: &str) -> Vec<Suggestion> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut seen = SortedSet::default();
    let mut found = Vec::new();
    // Ids are in the order of creation, so the last are the latest.
    let entries = state.ledger.shown().entries().rev().take(ENTRIES_SEARCHED_MAX);
    for entry in entries.filter(|entry| !entry.deleted && !entry.description.is_empty()) {
        let suggestion =
            Suggestion { description: entry.description.clone(), project_id: entry.project_id };
        if matches(&entry.description, &words) && seen.insert(suggestion.clone()) {
            found.push(suggestion);
            if found.len() == SUGGESTIONS_MAX {
                break;
            }
        }
    }
    found
}

fn matches(description: &str, words: &[&str]) -> bool {
    let description = description.to_lowercase();
    let begins = |word: &&str| description.split_whitespace().any(|part| part.starts_with(*word));
    words.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_without_a_project_keeps_the_chosen_one() {
        let [beta, gamma] = [2, 3].map(|byte| Some(ProjectId::from_bytes([byte; 16])));
        let suggestion = |project_id| Suggestion { description: "Write".to_owned(), project_id };
        assert_eq!(suggestion(None).project_with(beta), beta);
        assert_eq!(suggestion(gamma).project_with(beta), gamma);
        assert_eq!(suggestion(None).project_with(None), None);
    }
}
