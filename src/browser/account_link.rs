//! The links that an operator gives to users (docs/PROTOCOL.md, "Accounts"): what is behind the `#`
//! of the page's URL.

use wizitime_protocol::route::Route;

use super::history;
use crate::app::Secret;

/// A link, with its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountLink {
    /// Creates an account.
    Invitation(Secret),
    /// Sets the password of an account.
    SetPassword(Secret),
}

/// The link that opened the page.
pub fn current() -> Option<AccountLink> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let (name, token) = hash.split_once('=')?;
    let token = Secret(token.to_owned());
    match name {
        "#invitation" => Some(AccountLink::Invitation(token)),
        "#set-password" => Some(AccountLink::SetPassword(token)),
        _ => None,
    }
}

/// Removes the link from the URL.
pub fn forget() {
    if current().is_some() {
        history::replace(Route::Account.into());
    }
}
