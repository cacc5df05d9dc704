//! Fields that have to be filled in before a request.

use web_sys::HtmlInputElement;

use crate::ui::dom;

/// The text for the first field that is empty or not ticked; that field takes the focus.
pub(super) fn first_missing(fields: &[(&HtmlInputElement, &'static str)]) -> Option<&'static str> {
    let is_missing = |field: &HtmlInputElement| match &*field.type_() {
        "checkbox" => !field.checked(),
        _ => field.value().is_empty(),
    };
    let (field, text) = fields.iter().find(|(field, _)| is_missing(field))?;
    dom::focus_on(field);
    Some(text)
}
