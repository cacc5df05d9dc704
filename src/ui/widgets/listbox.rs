//! What the suggestions and the project menu share: a field keeps the focus while the arrow keys
//! move through the options below it.

use leptos::prelude::*;

use crate::ui::dom::UniqueId;

/// The ids of the options, and which one is active. Options have keys, so that the active one stays
/// the same when others come or go.
#[derive(Clone, Copy)]
pub(crate) struct Listbox {
    pub id: UniqueId,
    pub active: RwSignal<Option<u64>>,
}

impl Listbox {
    pub(crate) fn new(active: Option<u64>) -> Self {
        Self { id: UniqueId::new(), active: RwSignal::new(active) }
    }

    /// The id of the active option, for `aria-activedescendant` of the field.
    pub(crate) fn active_id(self) -> Option<String> {
        self.active.get().map(|key| self.option_id(key))
    }

    fn option_id(self, key: u64) -> String {
        format!("{}-{key}", self.id)
    }

    /// Moves to the next or previous of these options, wrapping around. With `has_none`, no option
    /// is active between the last and the first.
    pub(crate) fn step(self, down: bool, keys: &[u64], has_none: bool) {
        let Some(last) = keys.len().checked_sub(1) else { return self.active.set(None) };
        let (before_first, after_last) =
            if has_none { (None, None) } else { (Some(last), Some(0)) };
        self.active.update(|active| {
            let index = active.and_then(|active| keys.iter().position(|key| *key == active));
            let next = match (index, down) {
                (None, true) => Some(0),
                (None, false) => Some(last),
                (Some(index), true) if index < last => Some(index + 1),
                (Some(_), true) => after_last,
                (Some(index), false) => index.checked_sub(1).or(before_first),
            };
            *active = next.map(|index| keys[index]);
        });
    }
}

/// One option of a list.
#[component]
pub(crate) fn ListOption(
    listbox: Listbox,
    key: u64,
    #[prop(into)] on_choose: Callback<u64>,
    children: Children,
) -> AnyView {
    let active = listbox.active;
    view! {
        <li class="option" role="option" id=listbox.option_id(key)
            aria-selected=move || (active.get() == Some(key)).to_string()
            data-active=move || (active.get() == Some(key)).to_string()
            // The field keeps the focus.
            on:mousedown=move |event| event.prevent_default()
            on:mousemove=move |_| active.set(Some(key))
            on:click=move |_| on_choose.run(key)>
            {children()}
        </li>
    }
    .into_any()
}
