//! What the lists of suggestions and of projects have in common: a field keeps the focus, and the
//! arrow keys move through options below it.

use web_sys::MouseEvent;

use crate::ui::dom;
use crate::ui::view::{El, Var, el};

/// The options' ids, and which one is active.
#[derive(Clone)]
pub(super) struct Listbox {
    pub id: String,
    pub active: Var<Option<usize>>,
}

impl Listbox {
    pub(super) fn new(active: Option<usize>) -> Self {
        Self { id: dom::fresh_id(), active: Var::new(active) }
    }

    /// The id of the active option, for the field.
    pub(super) fn active_id(&self) -> Option<String> {
        self.active.get().map(|index| self.option_id(index))
    }

    fn option_id(&self, index: usize) -> String {
        format!("{}-{index}", self.id)
    }

    /// One option further, round and round; with `has_none`, none is active in between.
    pub(super) fn step(&self, down: bool, count: usize, has_none: bool) {
        let Some(last) = count.checked_sub(1) else { return self.active.set(None) };
        let (first, end) = if has_none { (None, None) } else { (Some(last), Some(0)) };
        self.active.update(|active| {
            *active = match (*active, down) {
                (None, true) => Some(0),
                (None, false) => Some(last),
                (Some(at), true) => {
                    if at < last {
                        Some(at + 1)
                    } else {
                        end
                    }
                }
                (Some(at), false) => at.checked_sub(1).or(first),
            }
        });
    }

    /// One option of the list.
    pub(super) fn option(&self, index: usize, content: Vec<El>, choose: impl Fn() + 'static) -> El {
        let active = self.active;
        let is_active = move || active.get() == Some(index);
        el("li", "option")
            .attr("role", "option")
            .attr("id", &self.option_id(index))
            .state("aria-selected", is_active)
            .state("data-active", is_active)
            // The field keeps the focus.
            .on("mousedown", |event: MouseEvent| event.prevent_default())
            .on("mousemove", move |_: MouseEvent| active.set(Some(index)))
            .on_click(choose)
            .children(content)
    }
}

/// A dot in a project's colour.
pub(super) fn dot(color: Option<&'static str>) -> El {
    el("span", "dot").attr("data-color", color.unwrap_or("none"))
}
