//! Typed and pasted text in one form, before it is parsed.
//!
//! Keyboards, input methods and `Intl` itself write the same time with other characters: U+202F
//! before AM, direction marks around digits, full-width forms, the digits of other scripts.

use wizitime_domain::ascii_digit;

/// Full-width forms are at this distance from ASCII.
const FULL_WIDTH_SHIFT: u32 = 0xFEE0;

/// Normalises a text: lower case, plain spaces, ASCII digits and separators, no direction marks,
/// no spaces at the ends.
pub(super) fn normalised(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
    plain.trim().to_lowercase()
}

/// Direction marks, joiners and the byte order mark: they are pasted along and not seen.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{61C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => ascii(u32::from(c) - FULL_WIDTH_SHIFT),
        // A ratio sign; minus sign, hyphens and dashes; Arabic decimal separator and comma.
        '\u{2236}' => ':',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        '\u{66B}' => '.',
        '\u{60C}' => ',',
        _ if c.is_whitespace() => ' ',
        _ => ascii_digit(c).unwrap_or(c),
    }
}

const fn ascii(code: u32) -> char {
    code as u8 as char
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(normalised(text), expected, "{text:?}");
    }

    #[test]
    fn unicode_spaces_are_spaces() {
        for space in ["\u{A0}", "\u{2007}", "\u{2009}", "\u{202F}", "\u{205F}", "\u{3000}", "\t"] {
            check(&format!("{space}9:30{space}AM "), "9:30 am");
        }
    }

    #[test]
    fn direction_marks_are_removed() {
        check("\u{200E}9:30\u{200F} \u{2066}pm\u{2069}", "9:30 pm");
        check("\u{202A}\u{61C}1h\u{202C}\u{FEFF}", "1h");
    }

    #[test]
    fn full_width_forms_are_ascii() {
        check("９：３０ＰＭ", "9:30pm");
        check("１．５ｈ", "1.5h");
        check("－１５ｍ", "-15m");
    }

    #[test]
    fn digits_of_other_scripts_are_ascii() {
        check("٩:٣٠", "9:30");
        check("१४:०५", "14:05");
    }

    #[test]
    fn separators_have_one_form() {
        check("9\u{2236}30", "9:30");
        check("\u{2212}15 \u{2013} \u{2010}", "-15 - -");
        check("١٫٥h", "1.5h");
    }
}
