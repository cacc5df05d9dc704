//! The account dialog.

mod account_dialog;
mod sign_in_form;
mod sign_out;

pub(crate) use account_dialog::AccountDialog;
