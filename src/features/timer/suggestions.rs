//! Descriptions from history, for the field that asks what one is working on.

use wizitime_domain::{ProjectId, SortedSet};

use crate::store::State;

/// The most suggestions at a time.
pub const SUGGESTIONS_MAX: usize = 8;
/// How far back they are looked for, in entries.
const ENTRIES_LOOKED_AT_MAX: usize = 3_000;

/// A description that the user recorded before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    pub description: String,
    pub project_id: Option<ProjectId>,
}

/// The latest descriptions in which every word of the query begins some word; each once for each
/// project.
pub fn select_suggestions(state: &State, query: &str) -> Vec<Suggestion> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut seen = SortedSet::default();
    let mut found = Vec::new();
    // Ids are in the order of creation, so the last are the latest.
    let entries = state.ledger.shown().entries().rev().take(ENTRIES_LOOKED_AT_MAX);
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
