//! Texts of the user inside sentences of the app, when one could change the direction of writing.

/// Whether a letter is written from right to left: Hebrew, Arabic and their neighbours, the
/// presentation forms of both, and the two ranges outside the Basic Multilingual Plane (Unicode
/// Standard Annex 9, DerivedBidiClass.txt).
const fn is_right_to_left(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// Whether a character says how what follows is written: embeddings and overrides, and isolates.
const fn is_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text between a first strong isolate (U+2068) and its end (U+2069), so that letters from
/// right to left, and controls, do not reorder what surrounds it. Other texts stay as they are. A
/// text with an end of its own ends the isolate early; what follows is then as without one.
pub fn isolated(text: &str) -> String {
    match text.contains(|it| is_right_to_left(it) || is_control(it)) {
        true => format!("\u{2068}{text}\u{2069}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn only_texts_that_may_reorder_a_sentence_are_isolated() {
        for text in ["", "tea", "Büro 3", "東京", "☕\u{fe0f}", "\u{16f00}", "𝄞", "\u{feff}tea"]
        {
            assert_eq!(isolated(text), text, "{}", text.escape_unicode());
        }
        for text in [
            "שלום",
            "a مرحبا",
            "\u{fb1d}",
            "\u{fdff}",
            "\u{fe70}",
            "\u{10800}",
            "\u{10fff}",
            "𞤀",
            "\u{202a}tea\u{202c}",
            "\u{202e}tea",
            "\u{2066}tea",
            "\u{2069}tea",
        ] {
            assert_eq!(isolated(text), format!("\u{2068}{text}\u{2069}"));
        }
    }
}
