//! The account dialog, and the account page, which is a lazily loaded chunk.

mod account_dialog;
mod account_page;
mod activity;
mod deletion;
mod devices;
mod download;
mod other_ways;
mod password_change;
mod request;
mod required;
mod set_password;
mod sign_in_form;
mod sign_out;
mod two_step;

pub(crate) use account_dialog::AccountDialog;
pub(crate) use account_page::AccountPage;
