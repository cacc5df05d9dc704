//! Why a text cannot be read, in words that go on after "this could not be read:".

use std::fmt;

/// Where something is wrong, and what. It is one word long, because every field that is read may
/// end in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(Box<Finding>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    problem: Problem,
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
    pub(crate) fn syntax(at: usize) -> Self {
        Self::about("", Problem::Syntax { at })
    }

    /// The value should have been, for instance, "a text".
    pub fn not(what: &'static str) -> Self {
        Self::about("", Problem::Not(what))
    }

    #[cold]
    pub(crate) fn about(field: &str, problem: Problem) -> Self {
        Self(Box::new(Finding { path: field.to_owned(), problem }))
    }

    /// The field in which it is, such as `changes.started_at`; empty for the value as a whole.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong there.
    pub fn problem(&self) -> Problem {
        self.0.problem
    }

    /// The same, told from outside of the field it is in.
    #[must_use]
    #[cold]
    pub fn within(mut self, field: &str) -> Self {
        let path = &mut self.0.path;
        if !path.is_empty() {
            path.insert(0, '.');
        }
        path.insert_str(0, field);
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.path.is_empty() {
            f.write_str("it")?;
        } else {
            f.write_str("`")?;
            f.write_str(&self.0.path)?;
            f.write_str("`")?;
        }
        match self.0.problem {
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
