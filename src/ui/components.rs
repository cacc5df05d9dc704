//! Components, one for each file: they read the state and the signals, and write by intents.

mod account_dialog;
mod app;
mod confirm;
mod day_section;
mod dialog;
mod empty_state;
mod entry_row;
mod entry_times;
mod history;
mod icons;
mod key_help;
mod listbox;
mod manual_entry;
mod offers;
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
mod sync_facts;
mod text_field;
mod time_texts;
mod timer_card;
mod toasts;
mod top_bar;
mod week_head;
mod what_field;

pub(super) use app::app;
