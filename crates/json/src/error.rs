//! Why a text cannot be read, in words that go on after "this could not be read:".

use std::fmt;

/// Where something is wrong, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The field in which it is, such as `changes.started_at`; empty for the value as a whole.
    pub path: String,
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is not JSON; what is wrong begins at this byte.
    Syntax { at: usize },
    /// The field is needed and not there.
    Missing,
    /// The field is there twice.
    Twice,
    /// There is no such field.
    Unknown,
    /// The value is something else than this.
    Not(&'static str),
}

impl JsonError {
    pub(crate) const fn syntax(at: usize) -> Self {
        Self { path: String::new(), problem: Problem::Syntax { at } }
    }

    /// The value should have been, for instance, "a text".
    pub const fn not(what: &'static str) -> Self {
        Self { path: String::new(), problem: Problem::Not(what) }
    }

    pub(crate) fn about(field: &str, problem: Problem) -> Self {
        Self { path: field.to_owned(), problem }
    }

    /// The same, told from outside of the field it is in.
    #[must_use]
    pub fn within(mut self, field: &str) -> Self {
        if !self.path.is_empty() {
            self.path.insert(0, '.');
        }
        self.path.insert_str(0, field);
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str("it")?;
        } else {
            f.write_str("`")?;
            f.write_str(&self.path)?;
            f.write_str("`")?;
        }
        match self.problem {
            Problem::Syntax { at } => write!(f, " is not JSON at byte {at}"),
            Problem::Missing => f.write_str(" is missing"),
            Problem::Twice => f.write_str(" is there twice"),
            Problem::Unknown => f.write_str(" is not known here"),
            Problem::Not(what) => {
                f.write_str(" is not ")?;
                f.write_str(what)
            }
        }
    }
}

impl std::error::Error for JsonError {}
