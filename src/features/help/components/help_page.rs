//! The help page.

use leptos::prelude::*;
use wizitime_protocol::route::Route;

use crate::browser::shortcut_setting;
use crate::ui::page_heading::PageHeading;
use crate::ui::route::href;
use crate::ui::texts;

/// The page.
#[component]
pub(crate) fn HelpPage() -> AnyView {
    view! {
        <div class="page">
            <PageHeading text=texts::HELP_TITLE/>
            {section(texts::SHORTCUTS_TITLE, vec![
                paragraph(texts::HELP_KEYS_LEAD),
                samples(texts::SHORTCUTS),
                view! { <KeysSetting/> }.into_any(),
            ])}
            {section(texts::HELP_TIMES, vec![
                paragraph(texts::HELP_TIMES_LEAD),
                samples(texts::HELP_TIME_EXAMPLES),
            ])}
            {section(texts::HELP_SAVED, saved())}
            {section(texts::HELP_CLOCKS, paragraphs(texts::HELP_CLOCKS_TEXT))}
            {section(texts::HELP_DATA, vec![
                paragraph(texts::HELP_DATA_TEXT),
                view! {
                    <p><a class="link" href=href(Route::Account)>{texts::HELP_TO_ACCOUNT}</a></p>
                }
                .into_any(),
            ])}
        </div>
    }
    .into_any()
}

/// Turns the single keys on and off.
#[component]
fn KeysSetting() -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=shortcut_setting::is_on()
                on:change=|event| shortcut_setting::set(event_target_checked(&event))/>
            {texts::KEYS_SETTING}
        </label>
    }
    .into_any()
}

fn section(title: &'static str, content: Vec<AnyView>) -> AnyView {
    view! { <section class="card"><h2 class="card__title">{title}</h2>{content}</section> }
        .into_any()
}

fn saved() -> Vec<AnyView> {
    let meanings = texts::HELP_BADGE
        .iter()
        .map(|(badge, meaning)| view! { <dt><b>{*badge}</b></dt><dd>{*meaning}</dd> }.into_any());
    let mut content = paragraphs(texts::HELP_SAVED_TEXT);
    content.push(view! { <dl class="facts">{meanings.collect_view()}</dl> }.into_any());
    content
}

fn paragraphs(texts: &'static [&'static str]) -> Vec<AnyView> {
    texts.iter().map(|text| paragraph(text)).collect()
}

fn paragraph(text: &'static str) -> AnyView {
    view! { <p class="card__text">{text}</p> }.into_any()
}

/// Keys, or texts to type, each with what it does.
fn samples(rows: &'static [(&'static [&'static str], &'static str)]) -> AnyView {
    let rows = rows.iter().map(|(samples, meaning)| {
        let samples = samples.iter().map(|it| view! { <kbd class="key">{*it}</kbd> }.into_any());
        view! { <dt>{samples.collect_view()}</dt><dd>{*meaning}</dd> }.into_any()
    });
    view! { <dl class="keys">{rows.collect_view()}</dl> }.into_any()
}
