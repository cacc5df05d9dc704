//! The sync badge and its dialog.

mod quarantine_form;
mod quarantine_item;
mod sync_badge;
mod sync_details;
mod sync_dialog;

pub(crate) use sync_badge::SyncBadgeButton;
pub(crate) use sync_dialog::{SyncDialog, export_button};
