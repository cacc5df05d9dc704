//! Offers texts back whose fields are gone: the entry was deleted elsewhere while the user typed,
//! or another tab signed out.

use leptos::prelude::*;
use wizitime_domain::EntryId;

use crate::browser;
use crate::features::drafts::typed_text;
use crate::features::{EntryIntent, Intent, MainField};
use crate::ui::context::{Ui, use_ui};
use crate::ui::{drafts, texts};

/// The banners.
#[component]
pub(crate) fn LostDrafts() -> AnyView {
    let ui = use_ui();
    (move || banners(ui)).into_any()
}

fn banners(ui: Ui) -> Vec<AnyView> {
    let mut entries: Vec<(EntryId, Vec<String>)> = Vec::new();
    for (id, place, text) in drafts::use_deleted() {
        let text = typed_text(&place, &text).to_owned();
        match entries.iter_mut().find(|(other, _)| *other == id) {
            Some((_, texts)) => texts.push(text),
            None => entries.push((id, vec![text])),
        }
    }
    let mut banners: Vec<AnyView> =
        entries.into_iter().map(|(id, texts)| deleted(ui, id, &texts)).collect();
    let returned = drafts::use_returned();
    if !returned.is_empty() {
        let text = texts::signed_out_while_typing(&returned);
        banners.push(banner(text, None, Callback::new(|()| drafts::dismiss_returned())));
    }
    banners
}

fn deleted(ui: Ui, entry_id: EntryId, texts: &[String]) -> AnyView {
    // The row that comes back has the text in its field.
    let restore = view! {
        <button type="button" class="btn btn--primary"
            on:click=move |_| {
                browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
            }>
            {texts::RESTORE_ENTRY}
        </button>
    };
    let discard = Callback::new(move |()| {
        if ui.main_field.with_untracked(|field| field.belongs_to(entry_id)) {
            ui.change_main(&mut MainField::escape_main);
        }
        drafts::discard(&entry_id.to_string());
    });
    banner(texts::deleted_while_typing(texts), Some(restore.into_any()), discard)
}

fn banner(text: String, action: Option<AnyView>, discard: Callback<()>) -> AnyView {
    view! {
        <div class="banner" role="alert">
            <span class="banner__text">{text}</span>
            {action}
            <button type="button" class="btn btn--quiet" on:click=move |_| discard.run(())>
                {texts::DISCARD}
            </button>
        </div>
    }
    .into_any()
}
