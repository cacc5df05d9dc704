//! What is there before the first entry: an invitation.

use leptos::prelude::*;

use super::icons;
use crate::ui::text;

/// The invitation.
#[component]
pub(super) fn EmptyState() -> AnyView {
    view! {
        <div class="empty">
            {icons::brand_lines()}
            <h2 class="empty__title">{text::EMPTY_TITLE}</h2>
            <p>{text::EMPTY_TEXT}</p>
        </div>
    }
    .into_any()
}
