//! Bars above the clock: a new version, and a sign-in that has ended. Neither is ever forced.

use crate::browser;
use crate::features::{Intent, NoticeIntent};
use crate::ui::context::{Panel, Ui};
use crate::ui::view::{El, Var, button, el};
use crate::ui::{mirror, text};

/// The offer of a new version: taken when the person wants it.
pub(super) fn update_offer() -> El {
    let later = Var::new(false);
    let offered = move || mirror::notices(|it| it.update_ready) && !later.get();
    let build = move || {
        offer(text::UPDATE_READY)
            .child(
                button("btn btn--primary", || {
                    browser::dispatch(Intent::Notice(NoticeIntent::ActivateUpdate))
                })
                .text(text::RELOAD),
            )
            .child(button("btn btn--quiet", move || later.set(true)).text(text::LATER))
    };
    el("div", "slot").when(offered, build)
}

/// The token was refused: tracking goes on, and syncing is a sign-in away.
pub(super) fn expired_offer(ui: Ui) -> El {
    let expired = || mirror::session(|it| it.account().is_some_and(|it| it.expired && !it.hosted));
    let build = move || {
        offer(text::EXPIRED).attr("data-tone", "alert").child(
            button("btn btn--primary", move || ui.panel.set(Some(Panel::Account)))
                .text(text::SIGN_IN),
        )
    };
    el("div", "slot").when(expired, build)
}

fn offer(words: &str) -> El {
    el("div", "offer").attr("role", "alert").child(el("span", "offer__text").text(words))
}
