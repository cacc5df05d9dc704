//! The place of a lazily loaded page: shows it once its chunk is there, and what can be done if
//! the chunk cannot be fetched.

use leptos::prelude::*;

use super::lazy::{self, BuildPage, Chunk, ChunkError};
use crate::browser::{self, app_version, history};
use crate::features::{Intent, NoticeIntent};
use crate::ui::context::use_ui;
use crate::ui::page_heading::PageHeading;
use crate::ui::store::use_notices;
use crate::ui::texts;
use crate::ui::widgets::Dialog;

/// How far the page is.
#[derive(Clone, Copy)]
enum Progress {
    Loading,
    Loaded(BuildPage),
    /// The chunk cannot be fetched now.
    Failed,
    /// The server has another version of the app, so this version's chunk may be gone.
    Outdated,
}

/// Fetches a chunk. The callback tries again.
fn load_chunk(chunk: fn() -> Chunk) -> (RwSignal<Progress>, Callback<()>) {
    let progress = RwSignal::new(Progress::Loading);
    let load = Callback::new(move |()| {
        progress.set(Progress::Loading);
        leptos::task::spawn_local(async move {
            let next = match chunk().await {
                Ok(build) => Progress::Loaded(build),
                Err(ChunkError) if app_version::is_outdated().await => Progress::Outdated,
                Err(ChunkError) => Progress::Failed,
            };
            // The user may have left the page meanwhile.
            let _: Option<Progress> = progress.try_set(next);
        });
    });
    load.run(());
    (progress, load)
}

/// The page of a chunk.
#[component]
pub(crate) fn LazyPage(chunk: fn() -> Chunk) -> AnyView {
    let (progress, load) = load_chunk(chunk);
    (move || match progress.get() {
        Progress::Loading => view! { <LoadingPage/> }.into_any(),
        Progress::Loaded(build) => build(),
        Progress::Failed => view! { <FailedPage retry=load/> }.into_any(),
        Progress::Outdated => view! { <OutdatedPage/> }.into_any(),
    })
    .into_any()
}

/// The dialog that is open, from the chunk of all dialogs.
#[component]
pub(crate) fn LazyDialog() -> AnyView {
    let dialog = use_ui().dialog;
    let close = move |()| dialog.set(None);
    let (progress, load) = load_chunk(lazy::dialogs);
    (move || match progress.get() {
        Progress::Loading => ().into_any(),
        Progress::Loaded(build) => build(),
        Progress::Failed => view! {
            <Dialog title=texts::PAGE_FAILED on_close=close><Failure retry=load/></Dialog>
        }
        .into_any(),
        Progress::Outdated => view! {
            <Dialog title=texts::PAGE_OUTDATED on_close=close><UpdateOffer/></Dialog>
        }
        .into_any(),
    })
    .into_any()
}

/// Announced and shown only after a moment, which most chunks do not take.
#[component]
fn LoadingPage() -> AnyView {
    view! { <p class="page__loading" role="status">{texts::PAGE_LOADING}</p> }.into_any()
}

#[component]
fn FailedPage(retry: Callback<()>) -> AnyView {
    view! {
        <section class="page card">
            <PageHeading text=texts::PAGE_FAILED/>
            <Failure retry/>
        </section>
    }
    .into_any()
}

/// Why nothing is shown, and the way out.
#[component]
fn Failure(retry: Callback<()>) -> AnyView {
    view! {
        <p class="card__lead" role="alert">{texts::PAGE_FAILED_WHY}</p>
        <div class="buttons">
            <button type="button" class="btn btn--primary" on:click=move |_| retry.run(())>
                {texts::TRY_AGAIN}
            </button>
        </div>
    }
    .into_any()
}

/// Starts the version that the service worker has ready, or else loads the page again.
fn update() {
    match untrack(|| use_notices(|it| it.update_ready)) {
        true => browser::dispatch(Intent::Notice(NoticeIntent::ActivateUpdate)),
        false => history::reload(),
    }
}

#[component]
fn OutdatedPage() -> AnyView {
    view! {
        <section class="page card">
            <PageHeading text=texts::PAGE_OUTDATED/>
            <UpdateOffer/>
        </section>
    }
    .into_any()
}

/// Offers to reload into the current version.
#[component]
fn UpdateOffer() -> AnyView {
    view! {
        <p class="card__lead" role="alert">{texts::PAGE_OUTDATED_WHY}</p>
        <div class="buttons">
            <button type="button" class="btn btn--primary" on:click=|_| update()>
                {texts::RELOAD_TO_UPDATE}
            </button>
        </div>
    }
    .into_any()
}
