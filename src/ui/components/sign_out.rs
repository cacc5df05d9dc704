//! Signing out: refused while something is only on this device, until it is synced, exported or
//! dropped on purpose, which takes two presses.

use super::confirm::confirm;
use super::sync_dialog::export_button;
use crate::browser;
use crate::features::{AccountIntent, Intent, SyncIntent};
use crate::store::slices::notices::Notice;
use crate::ui::view::{El, Var, button, effect, el};
use crate::ui::{mirror, text};

fn ask(discard_unsynced: bool) {
    browser::dispatch(Intent::Account(AccountIntent::SignOut { discard_unsynced }));
}

fn plain() -> El {
    let button = button("btn btn--plain", || ask(false)).text(text::SIGN_OUT);
    el("div", "buttons").child(button)
}

/// The button, and what comes of it.
pub(super) fn sign_out() -> El {
    // The notice goes away by itself; the question has to stay.
    let refused = Var::new(false);
    effect(move || {
        let now = mirror::notices(|it| matches!(it.current, Some(Notice::SignOutRefused { .. })));
        if now {
            refused.set(true);
        }
    });
    let confirming = Var::new(false);
    el("div", "").rebuilt(move || {
        if refused.get() {
            vec![el("div", "notice").rebuilt(move || choices(confirming))]
        } else {
            vec![plain()]
        }
    })
}

/// What would be lost, and the choices.
fn choices(confirming: Var<bool>) -> Vec<El> {
    let status = mirror::status();
    let count = status.waiting + status.quarantined;
    if count == 0 {
        return vec![el("p", "").text(text::ALL_SYNCED), plain()];
    }
    let lead = el("p", "")
        .child(el("b", "").text(&text::sign_out_refused(count)))
        .text(" ")
        .text(text::SIGN_OUT_REFUSED_MORE);
    let mut all = vec![lead];
    if confirming.get() {
        all.extend(confirm(
            &text::drop_really(count),
            (text::DROP_YES, || ask(true)),
            (text::DROP_NO, move || confirming.set(false)),
        ));
        return all;
    }
    let sync = button("btn btn--primary", || browser::dispatch(Intent::Sync(SyncIntent::SyncNow)));
    let drop = button("btn btn--danger", move || confirming.set(true));
    let buttons = el("div", "buttons")
        .child(sync.text(text::SYNC_NOW))
        .child(export_button())
        .child(drop.text(&text::sign_out_and_drop(count)));
    all.push(buttons);
    all
}
