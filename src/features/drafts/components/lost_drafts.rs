//! Offers texts back whose fields are gone: the entry was deleted elsewhere while the user typed,
//! or another tab signed out.

use leptos::prelude::*;
use wizitime_domain::EntryId;

use crate::browser;
use crate::features::drafts::{MAIN, typed_text};
use crate::features::{EntryIntent, Intent};
use crate::ui::context::{DESCRIPTION_ID, Ui, use_ui};
use crate::ui::{dom, drafts, texts};

/// The banners.
#[component]
pub(crate) fn LostDrafts() -> AnyView {
    let ui = use_ui();
    (move || banners(ui)).into_any()
}

fn banners(ui: Ui) -> Vec<AnyView> {
    let mut entries: Vec<(EntryId, String, Vec<String>)> = Vec::new();
    for (id, place, text) in drafts::use_deleted() {
        let text = typed_text(&place, &text).to_owned();
        match entries.iter_mut().find(|(other, ..)| *other == id) {
            Some((.., texts)) => texts.push(text),
            None => entries.push((id, place, vec![text])),
        }
    }
    let mut banners: Vec<AnyView> =
        entries.into_iter().map(|(id, place, texts)| deleted(ui, id, place, &texts)).collect();
    let returned = drafts::use_returned();
    if !returned.is_empty() {
        let text = texts::signed_out_while_typing(&returned);
        banners.push(banner(text, None, Callback::new(|()| drafts::dismiss_returned())));
    }
    banners
}

/// `place` is that of the first text.
fn deleted(ui: Ui, entry_id: EntryId, place: String, texts: &[String]) -> AnyView {
    let field_id = if place == MAIN { DESCRIPTION_ID.to_owned() } else { place };
    // The row that comes back has the text in its field.
    let restore = view! {
        <button type="button" class="btn btn--primary"
            on:click=move |_| {
                browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
                let field_id = field_id.clone();
                // The row is on the page by then.
                request_animation_frame(move || dom::focus(&field_id));
            }>
            {texts::RESTORE_ENTRY}
        </button>
    };
    let discard = Callback::new(move |()| ui.discard_drafts(entry_id));
    banner(texts::deleted_while_typing(texts), Some(restore.into_any()), discard)
}

fn banner(text: String, action: Option<AnyView>, discard: Callback<()>) -> AnyView {
    view! {
        <div class="banner" role="alert">
            <span class="banner__text">{text}</span>
            {action}
            <button type="button" class="btn btn--quiet"
                on:click=move |_| {
                    discard.run(());
                    dom::focus(DESCRIPTION_ID);
                }>
                {texts::DISCARD}
            </button>
        </div>
    }
    .into_any()
}
