//! Projects.

mod dispatcher;
mod intent;
mod selectors;

pub(super) use dispatcher::dispatch;
pub use intent::ProjectIntent;
pub use selectors::select_projects;
