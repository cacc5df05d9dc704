//! The user interface: Leptos components that read the state through the hooks of [`store`] and
//! write by dispatching intents. They decide nothing about time entries.

pub(crate) mod announcer;
pub(crate) mod click_guard;
pub(crate) mod clock;
pub(crate) mod context;
pub(crate) mod dom;
pub(crate) mod drafts;
pub(crate) mod focus;
pub(crate) mod folded_name;
pub(crate) mod intl;
pub(crate) mod keyboard;
pub(crate) mod online;
pub(crate) mod page_heading;
pub(crate) mod route;
pub(crate) mod store;
pub(crate) mod texts;
pub(crate) mod undo;
pub(crate) mod widgets;
