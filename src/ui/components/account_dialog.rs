//! Who is signed in: sign in, create an account, sign out.

use super::dialog::dialog;
use super::sign_in_form::sign_in_form;
use super::sign_out::sign_out;
use crate::browser;
use crate::store::slices::session::Session;
use crate::ui::context::{Panel, Ui};
use crate::ui::view::{El, el};
use crate::ui::{mirror, text};

/// Which of its faces the dialog shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Guest,
    Expired,
    SignedIn,
    /// The hosting page signed us in; it also signs out.
    Hosted,
}

impl Face {
    const ALL: [Self; 4] = [Self::Guest, Self::Expired, Self::SignedIn, Self::Hosted];

    fn of(session: &Session) -> Self {
        match session.account() {
            None => Self::Guest,
            Some(account) if account.hosted => Self::Hosted,
            Some(account) if account.expired => Self::Expired,
            Some(_) => Self::SignedIn,
        }
    }

    fn show(self) -> El {
        let lead = |words: &str| el("p", "dialog__lead").text(words);
        let form = el("div", "form");
        match self {
            Self::Guest => {
                form.child(lead(text::GUEST).text(" ").text(text::GUEST_MORE)).child(sign_in_form())
            }
            Self::Expired => form
                .child(lead(text::EXPIRED))
                .child(sign_in_form())
                .child(el("div", "dialog__section").child(sign_out())),
            Self::SignedIn => {
                form.child(who()).child(lead(text::SIGNED_IN)).child(manage()).child(sign_out())
            }
            Self::Hosted => form.child(who()).child(lead(text::HOSTED)),
        }
    }
}

/// The dialog.
pub(super) fn account_dialog(ui: Ui) -> El {
    dialog(ui, Panel::Account, text::ACCOUNT, || {
        let faces = Face::ALL.into_iter().fold(el("div", ""), |place, face| {
            place.when(move || mirror::session(Face::of) == face, move || face.show())
        });
        vec![faces]
    })
}

/// The way to what is rarely needed. It is another page, so that the first visit is not longer
/// for it.
fn manage() -> El {
    let link = el("a", "link").attr("href", &browser::account_url()).attr("target", "_blank");
    el("p", "").child(link.attr("rel", "noopener").text(text::MANAGE))
}

/// The account's email address with its first letter as a mark.
fn who() -> El {
    let email = || {
        let email = mirror::session(|it| it.account().map(|it| it.email.clone()));
        email.unwrap_or_default()
    };
    let letter = move || email().chars().next().map(String::from).unwrap_or_default();
    el("div", "who")
        .child(el("span", "who__mark").attr("aria-hidden", "true").text_fn(letter))
        .child(el("span", "who__email").text_fn(email))
}
