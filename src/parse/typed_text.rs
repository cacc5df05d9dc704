//! Typed and pasted text in one form, before it is parsed.
//!
//! Keyboards, input methods and `Intl` itself write the same time with other characters: U+202F
//! before AM, direction marks around digits, full-width forms, the digits of other scripts.

/// The zeros of decimal digits (Unicode category Nd); the digits up to nine follow each.
const ZEROS: [char; 29] = [
    '\u{660}',
    '\u{6F0}',
    '\u{7C0}',
    '\u{966}',
    '\u{9E6}',
    '\u{A66}',
    '\u{AE6}',
    '\u{B66}',
    '\u{BE6}',
    '\u{C66}',
    '\u{CE6}',
    '\u{D66}',
    '\u{DE6}',
    '\u{E50}',
    '\u{ED0}',
    '\u{F20}',
    '\u{1040}',
    '\u{17E0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19D0}',
    '\u{1B50}',
    '\u{1C40}',
    '\u{1C50}',
    '\u{A9D0}',
    '\u{AA50}',
    '\u{ABF0}',
    '\u{11136}',
    '\u{1E950}',
];

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
        _ => digit(c).unwrap_or(c),
    }
}

/// The ASCII digit with the value of a digit of another script.
fn digit(c: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10)?;
        Some(ascii(u32::from('0') + value))
    })
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
    fn digits_of_every_script_of_the_table_are_ascii() {
        for zero in ZEROS {
            let digits: String =
                (0..10).map(|value| char::from_u32(u32::from(zero) + value).unwrap()).collect();
            assert_eq!(normalised(&digits), "0123456789", "{zero:?}");
        }
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
