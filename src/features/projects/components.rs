//! The project picker.

mod project_menu;
mod project_picker;

pub(crate) use project_menu::color_dot;
pub(crate) use project_picker::{ProjectChoice, ProjectPicker};
