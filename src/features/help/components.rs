//! The keyboard help.

mod keyboard_help;

pub(crate) use keyboard_help::KeyboardHelp;
