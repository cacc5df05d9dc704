//! The decimal digits of all scripts.

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

/// The ASCII digit with the value of a decimal digit of another script.
pub fn ascii_digit(c: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10)?;
        char::from_digit(value, 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_of_the_table_are_ascii() {
        for zero in ZEROS {
            let digits = (0..10).map(|value| char::from_u32(u32::from(zero) + value).unwrap());
            let ascii: Option<String> = digits.map(ascii_digit).collect();
            assert_eq!(ascii.as_deref(), Some("0123456789"), "{zero:?}");
        }
        for other in ['0', '9', 'a', '\u{65F}', '\u{66A}'] {
            assert_eq!(ascii_digit(other), None, "{other:?}");
        }
    }
}
