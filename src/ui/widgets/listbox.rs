//! What the suggestions and the project menu share: a field keeps the focus while the arrow keys
//! move through the options below it.

use leptos::prelude::*;

use crate::ui::dom::UniqueId;

/// The ids of the options, and which one is active.
#[derive(Clone, Copy)]
pub(crate) struct Listbox {
    pub id: UniqueId,
    pub active: RwSignal<Option<usize>>,
}

impl Listbox {
    pub(crate) fn new(active: Option<usize>) -> Self {
        Self { id: UniqueId::new(), active: RwSignal::new(active) }
    }

    /// The id of the active option, for `aria-activedescendant` of the field.
    pub(crate) fn active_id(self) -> Option<String> {
        self.active.get().map(|index| self.option_id(index))
    }

    fn option_id(self, index: usize) -> String {
        format!("{}-{index}", self.id)
    }

    /// Moves to the next or previous of `count` options, wrapping around. With `has_none`, no
    /// option is active between the last and the first.
    pub(crate) fn step(self, down: bool, count: usize, has_none: bool) {
        let Some(last) = count.checked_sub(1) else { return self.active.set(None) };
        let (before_first, after_last) =
            if has_none { (None, None) } else { (Some(last), Some(0)) };
        self.active.update(|active| {
            *active = match (*active, down) {
                (None, true) => Some(0),
                (None, false) => Some(last),
                (Some(index), true) if index < last => Some(index + 1),
                (Some(_), true) => after_last,
                (Some(index), false) => index.checked_sub(1).or(before_first),
            }
        });
    }
}

/// One option of a list.
#[component]
pub(crate) fn ListOption(
    listbox: Listbox,
    index: usize,
    #[prop(into)] on_choose: Callback<usize>,
    children: Children,
) -> AnyView {
    let active = listbox.active;
    view! {
        <li class="option" role="option" id=listbox.option_id(index)
            aria-selected=move || (active.get() == Some(index)).to_string()
            data-active=move || (active.get() == Some(index)).to_string()
            // The field keeps the focus.
            on:mousedown=move |event| event.prevent_default()
            on:mousemove=move |_| active.set(Some(index))
            on:click=move |_| on_choose.run(index)>
            {children()}
        </li>
    }
    .into_any()
}
