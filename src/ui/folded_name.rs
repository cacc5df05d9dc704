//! Names as they are compared: the same letters can be typed as different characters.

use js_sys::{JsString, RegExp};

/// A name in the form in which it is compared.
pub(crate) struct FoldedName {
    /// In lower case, with one space between words, and with composed or compatible characters as
    /// one sequence (Unicode Standard Annex 15, NFKD).
    pub exact: String,
    /// The same without combining diacritical marks (U+0300 to U+036F).
    pub without_accents: String,
}

impl FoldedName {
    pub(crate) fn new(name: &str) -> Self {
        let replace = |text: &JsString, pattern: &str, with: &str| {
            text.replace_by_pattern(&RegExp::new(pattern, "g"), with)
        };
        let decomposed = JsString::from(name).normalize("NFKD").to_lower_case();
        let exact = replace(&decomposed, r"\s+", " ");
        let without_accents = replace(&exact, r"[\u0300-\u036f]", "").into();
        Self { exact: exact.into(), without_accents }
    }
}
