//! Components, one for each file: signals in, intents out.
#![expect(unreachable_pub, reason = "the component macro makes what it generates public")]

pub(crate) mod app;

mod account_dialog;
mod confirm;
mod day_section;
mod dialog;
mod empty_state;
mod entry_row;
mod history;
mod icons;
mod key_help;
mod manual_entry;
mod project_menu;
mod project_picker;
mod quarantine_form;
mod quarantine_item;
mod read_field;
mod ribbon;
mod sign_in_form;
mod sign_out;
mod since;
mod sync_badge;
mod sync_dialog;
mod text_field;
mod time_texts;
mod timer_card;
mod toasts;
mod update_offer;
mod what_field;
