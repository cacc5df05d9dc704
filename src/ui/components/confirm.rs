//! A question before something is gone for good. The way back comes first and has the focus, so
//! that neither a second click nor a hasty Enter says yes.

use crate::ui::dom;
use crate::ui::view::{El, button, el, once_placed};

/// The question and its two answers: each a text and what it does.
pub(super) fn confirm(
    question: &str,
    yes: (&str, impl Fn() + 'static),
    no: (&str, impl Fn() + 'static),
) -> Vec<El> {
    let back = button("btn btn--plain", no.1).text(no.0);
    let element = back.element().clone();
    once_placed(move || dom::focus_on(&element));
    let question = el("p", "problem__what").attr("role", "alert").text(question);
    let go = button("btn btn--danger", yes.1).text(yes.0);
    vec![question, el("div", "buttons").child(back).child(go)]
}
