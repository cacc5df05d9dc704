//! The draft of a field: none while the field shows its value.

use leptos::prelude::*;

use crate::features::drafts::DraftPlace;
use crate::ui::drafts;

/// What is typed in a field, as a signal that is stored with every key.
#[derive(Clone, Copy)]
pub(super) struct DraftSignal {
    place: Option<DraftPlace>,
    text: RwSignal<Option<String>>,
}

impl DraftSignal {
    /// The draft of a place as it is stored. Without a place it is not stored.
    pub(super) fn new(place: Option<DraftPlace>) -> Self {
        let stored = place.and_then(drafts::get_field);
        Self { place, text: RwSignal::new(stored) }
    }

    pub(super) fn get(self) -> Option<String> {
        self.text.get()
    }

    pub(super) fn get_untracked(self) -> Option<String> {
        self.text.get_untracked()
    }

    pub(super) fn set(self, text: Option<String>) {
        if let Some(place) = self.place {
            drafts::set(&place.to_string(), text.as_deref());
        }
        self.text.set(text);
    }

    /// The value of the attribute that says whether the field has a text that is not submitted.
    pub(super) fn mark(self) -> String {
        self.get().is_some().to_string()
    }
}
