//! Widgets that several features share, and the few helpers that keep views small.
//!
//! Every prop that is a closure is erased ([`Derived`], `Callback`, `ChildrenFn`), so that a widget
//! is compiled once and not once for each use.

mod confirm;
mod derived;
mod dialog;
mod draft_signal;
pub(crate) mod icons;
mod keyed_list;
mod labelled;
mod listbox;
mod parsed_field;
mod show_if;
mod text_field;
mod time_parsing;

pub(crate) use confirm::Confirm;
pub(crate) use derived::Derived;
pub(crate) use dialog::Dialog;
pub(crate) use keyed_list::{Key, KeyedList};
pub(crate) use labelled::{Labelled, Titled};
pub(crate) use listbox::{ListOption, Listbox};
pub(crate) use parsed_field::{ParsedField, Submitted, ValidationError};
pub(crate) use show_if::{ShowIf, owned_view};
pub(crate) use text_field::TextField;
pub(crate) use time_parsing::{
    duration_error, parse_duration_input, parse_end_input, parse_start_input, time_error,
};
