//! The help page, a lazily loaded chunk.

mod help_page;

pub(crate) use help_page::HelpPage;
