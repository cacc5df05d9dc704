//! What is said in passing: a deletion that can be undone, an intent that could not be carried
//! out. Read out by assistive technology when it appears.

use super::icons;
use crate::browser;
use crate::features::{EntryIntent, Intent, NoticeIntent};
use crate::store::slices::notices::Notice;
use crate::ui::view::{El, button, el};
use crate::ui::{mirror, text};

/// The live region with the present notice.
pub(super) fn toasts() -> El {
    let present = || match mirror::notices(|it| it.current.clone()) {
        None => Vec::new(),
        Some(Notice::Deleted { entry_id }) => {
            let undo = move || browser::dispatch(Intent::Entry(EntryIntent::Restore { entry_id }));
            let undo = button("btn btn--quiet", undo).text(text::UNDO);
            vec![toast(text::DELETED, Some(undo))]
        }
        Some(Notice::Refused(refusal)) => vec![toast(&text::refusal(&refusal), None)],
        // The account dialog, where signing out was asked for, says it at length.
        Some(Notice::SignOutRefused { .. }) => Vec::new(),
    };
    el("div", "toasts").attr("role", "status").attr("aria-live", "polite").rebuilt(present)
}

fn toast(message: &str, action: Option<El>) -> El {
    let dismiss = button("icon-btn", || browser::dispatch(Intent::Notice(NoticeIntent::Dismiss)))
        .attr("aria-label", text::DISMISS)
        .child(icons::cross());
    el("div", "toast")
        .child(el("span", "toast__text").text(message))
        .children(action)
        .child(dismiss)
}
