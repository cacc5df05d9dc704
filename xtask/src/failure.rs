//! Errors of xtask.

use std::path::{Path, PathBuf};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An argument has no meaning here.
    Usage(String),
    /// A required program is missing and xtask cannot install it.
    Missing { what: String, next: String },
    /// A program failed after printing its own errors.
    Command { line: String, ended: String, next: String },
    /// A file operation failed.
    File { what: &'static str, path: PathBuf, error: String },
    /// The staged client is malformed.
    Client { what: String, next: String },
    /// A measured value exceeds its bound.
    Bound(String),
    /// Tests failed; the summary names them.
    Tests,
}

impl Failure {
    /// A file operation that failed; `what` is its verb, such as "read".
    pub(crate) fn file(what: &'static str, path: &Path, error: impl ToString) -> Self {
        Self::File { what, path: path.to_owned(), error: error.to_string() }
    }

    /// The message and the next step; `None` if both were printed already.
    pub(crate) fn explanation(&self) -> Option<String> {
        match self {
            Self::Missing { what, next } => Some(format!("{what} is missing.\nNext: {next}")),
            Self::Command { line, ended, next } => {
                Some(format!("`{line}` {ended}; its output is above.\nNext: {next}"))
            }
            Self::File { what, path, error } => {
                Some(format!("cannot {what} {}: {error}", path.display()))
            }
            Self::Client { what, next } => Some(format!("{what}\nNext: {next}")),
            Self::Usage(text) | Self::Bound(text) => Some(text.clone()),
            Self::Tests => None,
        }
    }
}
