//! The dialogs, which are a chunk of their own.

use leptos::prelude::*;

use crate::features::account::components::AccountDialog;
use crate::features::entries::components::BinDialog;
use crate::features::sync_status::components::SyncDialog;
use crate::ui::context::{DialogKind, use_ui};
use crate::ui::widgets::ShowIf;

/// The dialog that is open.
#[component]
pub(crate) fn Dialogs() -> AnyView {
    let dialog = use_ui().dialog;
    let is_open = move |kind| dialog.get() == Some(kind);
    view! {
        <ShowIf when=move || is_open(DialogKind::Sync)><SyncDialog/></ShowIf>
        <ShowIf when=move || is_open(DialogKind::Account)><AccountDialog/></ShowIf>
        <ShowIf when=move || is_open(DialogKind::Bin)><BinDialog/></ShowIf>
    }
    .into_any()
}
