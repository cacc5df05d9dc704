//! Icons as inline SVG: no request, and they take the colour of the text.

use leptos::prelude::*;

macro_rules! outline {
    ($path:literal) => {
        icon(concat!(
            r#"<svg width="18" height="18" viewBox="0 0 18 18" fill="none" "#,
            r#"stroke="currentColor" stroke-width="1.5" stroke-linecap="round" "#,
            r#"stroke-linejoin="round"><path d=""#,
            $path,
            r#""/></svg>"#
        ))
    };
}

macro_rules! solid {
    ($path:literal) => {
        icon(concat!(
            r#"<svg width="18" height="18" viewBox="0 0 18 18" fill="currentColor"><path d=""#,
            $path,
            r#""/></svg>"#
        ))
    };
}

fn icon(markup: &'static str) -> AnyView {
    view! { <span class="icon" aria-hidden="true" inner_html=markup></span> }.into_any()
}

pub(crate) fn play() -> AnyView {
    solid!("M5 3.2v11.6a.7.7 0 0 0 1.1.6l8.6-5.8a.7.7 0 0 0 0-1.2L6.1 2.6a.7.7 0 0 0-1.1.6z")
}

pub(crate) fn stop() -> AnyView {
    solid!("M5.5 4h7A1.5 1.5 0 0 1 14 5.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 4 12.5v-7z")
}

pub(crate) fn trash() -> AnyView {
    outline!("M3.5 5h11M7 5V3.3h4V5M5 5l.6 9.2h6.8L13 5M7.6 8v3.6M10.4 8v3.6")
}

pub(crate) fn plus() -> AnyView {
    outline!("M9 4v10M4 9h10")
}

pub(crate) fn cross() -> AnyView {
    outline!("M5 5l8 8M13 5l-8 8")
}

pub(crate) fn account() -> AnyView {
    outline!(
        "M9 9.2a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8zM3.4 15.2c.8-2.7 3-4 5.6-4s4.8 1.3 5.6 4"
    )
}

/// The W whose strokes are hands of a clock.
pub(crate) fn brand() -> AnyView {
    icon(
        r#"<svg width="28" height="28" viewBox="0 0 28 28" fill="none"><circle cx="14" cy="14"
        r="12.5" fill="currentColor"/><path class="brand__hands"
        d="M7 10.5l3.6 8 3.4-6.6 3.4 6.6 3.6-8"/></svg>"#,
    )
}

/// The brand, large and outlined.
pub(crate) fn brand_outline() -> AnyView {
    icon(
        r#"<svg width="72" height="72" viewBox="0 0 72 72" fill="none" stroke="currentColor"
        stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><circle cx="36" cy="36"
        r="30"/><path d="M18 29l9 18 9-17 9 17 9-18"/></svg>"#,
    )
}
