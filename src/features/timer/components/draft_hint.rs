//! What a text in the description field belongs to when that is not what runs.

use leptos::prelude::With as _;

use crate::features::MainHint;
use crate::ui::context::Ui;
use crate::ui::store::{use_running, use_running_id};
use crate::ui::texts;

/// The hint; none while the text belongs to what runs.
pub(super) fn draft_hint(ui: Ui) -> Option<String> {
    let running = use_running_id();
    Some(match ui.main_field.with(|field| field.main_hint(running))? {
        MainHint::NotRunning => texts::EDITS_NOT_RUNNING.to_owned(),
        MainHint::NextWaits(text) => texts::next_waits(&text),
        MainHint::AnotherRuns => {
            let running = use_running().map(|entry| entry.description.clone());
            texts::another_runs(running.unwrap_or_default().trim())
        }
    })
}
