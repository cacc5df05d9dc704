//! Icons as drawings in the page: no request, and they take the colour of the text.

use crate::ui::view::{El, drawing};

macro_rules! lines {
    ($path:literal) => {
        drawing(concat!(
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
        drawing(concat!(
            r#"<svg width="18" height="18" viewBox="0 0 18 18" fill="currentColor"><path d=""#,
            $path,
            r#""/></svg>"#
        ))
    };
}

pub(super) fn play() -> El {
    solid!("M5 3.2v11.6a.7.7 0 0 0 1.1.6l8.6-5.8a.7.7 0 0 0 0-1.2L6.1 2.6a.7.7 0 0 0-1.1.6z")
}

pub(super) fn stop() -> El {
    solid!("M5.5 4h7A1.5 1.5 0 0 1 14 5.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 4 12.5v-7z")
}

pub(super) fn trash() -> El {
    lines!("M3.5 5h11M7 5V3.3h4V5M5 5l.6 9.2h6.8L13 5M7.6 8v3.6M10.4 8v3.6")
}

pub(super) fn plus() -> El {
    lines!("M9 4v10M4 9h10")
}

pub(super) fn cross() -> El {
    lines!("M5 5l8 8M13 5l-8 8")
}

pub(super) fn person() -> El {
    lines!(
        "M9 9.2a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8zM3.4 15.2c.8-2.7 3-4 5.6-4s4.8 1.3 5.6 4"
    )
}

/// The W whose strokes are hands of a clock.
pub(super) fn brand() -> El {
    drawing(
        r#"<svg width="28" height="28" viewBox="0 0 28 28" fill="none"><circle cx="14" cy="14"
        r="12.5" fill="currentColor"/><path class="brand__hands"
        d="M7 10.5l3.6 8 3.4-6.6 3.4 6.6 3.6-8"/></svg>"#,
    )
}

/// The brand, large and in lines.
pub(super) fn brand_lines() -> El {
    drawing(
        r#"<svg width="72" height="72" viewBox="0 0 72 72" fill="none" stroke="currentColor"
        stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><circle cx="36" cy="36"
        r="30"/><path d="M18 29l9 18 9-17 9 17 9-18"/></svg>"#,
    )
}
