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

/// The link in the URL of the page. It is removed from the URL at once, and so from the address bar
/// and the history of the tab: anyone who sees the link can use it.
pub fn take() -> Option<AccountLink> {
    let link = in_url()?;
    history::replace(Route::Account.into());
    Some(link)
}

fn in_url() -> Option<AccountLink> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let (name, token) = hash.split_once('=')?;
    let token = Secret(token.to_owned());
    match name {
        "#invitation" => Some(AccountLink::Invitation(token)),
        "#set-password" => Some(AccountLink::SetPassword(token)),
        _ => None,
    }
}
