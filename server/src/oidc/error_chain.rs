//! An error with its causes, for one line of the log.

use std::error::Error;
use std::fmt;

/// Characters of a line.
const CHARS_MAX: usize = 300;

/// Prints an error and its causes, up to a limit and without control characters: a part may come
/// from the provider.
pub(super) struct ErrorChain<'a>(pub(super) &'a (dyn Error + 'a));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause.filter(|_| text.len() < CHARS_MAX) {
            text += &format!(": {error}");
            cause = error.source();
        }
        let plain = text.chars().take(CHARS_MAX).filter(|it| !it.is_control());
        f.write_str(&plain.collect::<String>())
    }
}
