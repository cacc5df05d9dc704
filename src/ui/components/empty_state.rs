//! What is there before the first entry: an invitation.

use super::icons;
use crate::ui::text;
use crate::ui::view::{El, el};

/// The invitation.
pub(super) fn empty_state() -> El {
    el("div", "empty")
        .child(icons::brand_lines())
        .child(el("h2", "empty__title").text(text::EMPTY_TITLE))
        .child(el("p", "").text(text::EMPTY_TEXT))
}
