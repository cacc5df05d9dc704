//! The place of a lazily loaded page: shows it once its chunk is there, and what can be done if
//! the chunk cannot be fetched.

use leptos::prelude::*;

use super::lazy::{BuildPage, Chunk, ChunkError};
use super::page_heading::PageHeading;
use super::texts;
use crate::browser::{self, app_version, history};
use crate::features::{Intent, NoticeIntent};
use crate::ui::store::use_notices;

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

/// The page of a chunk.
#[component]
pub(crate) fn LazyPage(chunk: fn() -> Chunk) -> AnyView {
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
    (move || match progress.get() {
        Progress::Loading => view! { <LoadingPage/> }.into_any(),
        Progress::Loaded(build) => build(),
        Progress::Failed => view! { <FailedPage retry=load/> }.into_any(),
        Progress::Outdated => view! { <OutdatedPage/> }.into_any(),
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
            <p class="card__lead" role="alert">{texts::PAGE_FAILED_WHY}</p>
            <div class="buttons">
                <button type="button" class="btn btn--primary" on:click=move |_| retry.run(())>
                    {texts::TRY_AGAIN}
                </button>
            </div>
        </section>
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
            <p class="card__lead" role="alert">{texts::PAGE_OUTDATED_WHY}</p>
            <div class="buttons">
                <button type="button" class="btn btn--primary" on:click=|_| update()>
                    {texts::RELOAD_TO_UPDATE}
                </button>
            </div>
        </section>
    }
    .into_any()
}
