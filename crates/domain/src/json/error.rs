//! Why a text cannot be read: the field and what is wrong with it.

use std::borrow::Cow;
use std::fmt;

use serde::de;

/// The path of a field and the problem there. It is one word long: every field that is read
/// returns a `Result` with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(Box<Located>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Located {
    path: String,
    problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is not JSON from this byte on, or nested too deeply there.
    Syntax { at: usize },
    /// A required field is missing.
    Missing,
    /// A field is there twice.
    Duplicate,
    /// There is no field of this name.
    Unknown,
    /// The value is not this, for instance "a text".
    Expected(Cow<'static, str>),
}

impl JsonError {
    #[cold]
    pub(super) fn new(problem: Problem) -> Self {
        Self(Box::new(Located { path: String::new(), problem }))
    }

    /// The value is not this, for instance "a text".
    pub fn expected(what: &'static str) -> Self {
        Self::new(Problem::Expected(what.into()))
    }

    /// What `serde_json` says about the grammar of this text.
    #[cold]
    pub(super) fn syntax(text: &str, error: &serde_json::Error) -> Self {
        let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
        let line_start: usize = lines_before.map(str::len).sum();
        // A column counts from 1, but at the end of the text it is the last byte's.
        let column = error.column().saturating_sub(usize::from(!error.is_eof()));
        Self::new(Problem::Syntax { at: line_start + column })
    }

    /// The path of the field, such as `changes.started_at`; empty for the value as a whole.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong there.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// The same error, seen from the object that has this field.
    #[must_use]
    #[cold]
    pub fn at_field(mut self, field: &str) -> Self {
        let path = &mut self.0.path;
        if !path.is_empty() {
            path.insert(0, '.');
        }
        path.insert_str(0, field);
        self
    }
}

/// Continues a sentence such as "this could not be read:".
impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.path.is_empty() {
            f.write_str("it")?;
        } else {
            f.write_str("`")?;
            f.write_str(&self.0.path)?;
            f.write_str("`")?;
        }
        match &self.0.problem {
            Problem::Syntax { at } => write!(f, " is not JSON at byte {at}"),
            Problem::Missing => f.write_str(" is missing"),
            Problem::Duplicate => f.write_str(" is there twice"),
            Problem::Unknown => f.write_str(" is not known here"),
            Problem::Expected(what) => {
                f.write_str(" is not ")?;
                f.write_str(what)
            }
        }
    }
}

impl std::error::Error for JsonError {}

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Expected(message.to_string().into()))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(expected)
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(expected)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(Problem::Unknown).at_field(field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Problem::Missing).at_field(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Problem::Duplicate).at_field(field)
    }
}
