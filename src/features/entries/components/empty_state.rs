//! The invitation that stands in for an empty history.

use leptos::prelude::*;

use crate::ui::texts;
use crate::ui::widgets::icons;

/// The invitation.
#[component]
pub(crate) fn EmptyState() -> AnyView {
    view! {
        <div class="empty">
            {icons::brand_outline()}
            <h2 class="empty__title">{texts::EMPTY_TITLE}</h2>
            <p>{texts::EMPTY_TEXT}</p>
        </div>
    }
    .into_any()
}
