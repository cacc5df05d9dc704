//! Projects.

use super::quoted;

pub(crate) const PROJECT: &str = "Project";
pub(crate) const NO_PROJECT: &str = "No project";
pub(crate) const FIND_PROJECT: &str = "Find or create a project";
pub(crate) const PROJECTS: &str = "Projects";
pub(crate) const PROJECT_COLOR: &str = "Colour of the new project";

/// The option of the menu that creates a project.
pub(crate) fn create_project(name: &str) -> String {
    format!("Create {}", quoted(name))
}
