//! The limit on nesting. `serde_json` has none for values that it only skips.

use super::error::{JsonError, Problem};

/// How deep arrays and objects may be nested.
pub const DEPTH_MAX: usize = 127;

/// Checks the nesting of a text, which need not be JSON.
///
/// # Errors
/// At the bracket that opens one level too many.
pub(super) fn check(text: &str) -> Result<(), JsonError> {
    let bytes = text.as_bytes();
    // Most texts have fewer brackets in all, and counting them is much faster. There are at most as
    // many as bytes, so the sum cannot overflow.
    let is_bracket = |byte: &u8| usize::from(matches!(byte, b'{' | b'['));
    let brackets = bytes.iter().map(is_bracket).fold(0, usize::wrapping_add);
    if brackets <= DEPTH_MAX {
        return Ok(());
    }
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' if depth == DEPTH_MAX => {
                return Err(JsonError::new(Problem::Syntax { at }));
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => (),
        }
        at += 1;
    }
    Ok(())
}

/// Where the string ends that begins at `start`: at its closing quote, or at the end of the text.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            // The byte after a backslash may be a quote.
            Some(plain) if rest[plain] == b'\\' => at += plain + 2,
            Some(plain) => return at + plain,
            None => return bytes.len(),
        }
    }
}
