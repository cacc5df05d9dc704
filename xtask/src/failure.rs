//! Why a command stopped, and what the person can do next.

use std::path::{Path, PathBuf};

use crate::command::USAGE;

/// Everything that can go wrong in xtask.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line made no sense.
    Usage(String),
    /// A program is needed that xtask cannot install here.
    Missing { what: String, next: String },
    /// A program ran and failed; it has already said why.
    Command { line: String, ended: String, next: String },
    /// A file could not be read, written, moved or found.
    File { what: &'static str, path: PathBuf, error: String },
    /// Something in the staged client is not as it must be.
    Client { what: String, next: String },
    /// A promised bound is exceeded.
    Bound(String),
    /// Tests failed; the summary has already said which.
    Tests,
}

impl Failure {
    /// A file operation (`what` is a verb such as "read") that the system refused.
    pub(crate) fn file(what: &'static str, path: &Path, error: impl ToString) -> Self {
        Self::File { what, path: path.to_owned(), error: error.to_string() }
    }

    /// The text for a person; `None` where everything has been said already.
    pub(crate) fn explanation(&self) -> Option<String> {
        match self {
            Self::Usage(text) => Some(format!("{text}\n\n{USAGE}")),
            Self::Missing { what, next } => Some(format!("{what} is missing.\nNext: {next}")),
            Self::Command { line, ended, next } => {
                Some(format!("`{line}` {ended}; its own output is above.\nNext: {next}"))
            }
            Self::File { what, path, error } => {
                Some(format!("cannot {what} {}: {error}", path.display()))
            }
            Self::Client { what, next } => Some(format!("{what}\nNext: {next}")),
            Self::Bound(text) => Some(text.clone()),
            Self::Tests => None,
        }
    }
}
