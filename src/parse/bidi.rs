//! Texts of the user inside sentences of the app, when one is written from right to left.

/// Whether a letter is written from right to left: Hebrew, Arabic and their neighbours, the
/// presentation forms of both, and the ranges outside the Basic Multilingual Plane (Unicode
/// Standard Annex 9, DerivedBidiClass.txt).
const fn is_right_to_left(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{feff}' | '\u{10800}'..='\u{1efff}'
    )
}

/// The text between a first strong isolate (U+2068) and its end (U+2069), so that a text from right
/// to left does not reorder what surrounds it. Other texts stay as they are.
pub fn isolated(text: &str) -> String {
    match text.contains(is_right_to_left) {
        true => format!("\u{2068}{text}\u{2069}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn only_texts_with_letters_from_right_to_left_are_isolated() {
        for text in ["", "tea", "Büro 3", "東京", "שלום"] {
            let is_hebrew = text == "שלום";
            assert_eq!(isolated(text) != text, is_hebrew, "{text}");
        }
        assert_eq!(isolated("a שלום"), "\u{2068}a שלום\u{2069}");
    }
}
