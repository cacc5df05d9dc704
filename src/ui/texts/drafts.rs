//! Texts that are not submitted yet.

use super::quoted;

pub(crate) const RESTORE_ENTRY: &str = "Restore the entry";

/// The entry of these texts was deleted on another device or in another tab.
pub(crate) fn deleted_while_typing(texts: &[String]) -> String {
    format!("The entry was deleted while you were typing {}.", all_quoted(texts))
}

/// Another tab signed out while these texts were being typed.
pub(crate) fn signed_out_while_typing(texts: &[String]) -> String {
    format!("You were signed out. Not saved: {}.", all_quoted(texts))
}

/// Signing out would lose a text.
pub(crate) fn discard_draft_question(text: &str) -> String {
    format!("{} is not saved yet. Sign out and discard it?", quoted(text))
}

pub(crate) const DISCARD_DRAFT_YES: &str = "Yes, discard and sign out";
pub(crate) const DISCARD_DRAFT_NO: &str = "No, go back";

fn all_quoted(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}
