//! The entries by day, and the form for manual entries.

mod bin_dialog;
mod day_bar;
mod day_section;
mod empty_state;
mod entry_list;
mod entry_note;
mod entry_row;
mod entry_times;
mod manual_entry;
mod week_header;

pub(crate) use bin_dialog::BinDialog;
pub(crate) use entry_list::EntryList;
pub(crate) use entry_times::submit_start;
pub(crate) use manual_entry::ManualEntry;
