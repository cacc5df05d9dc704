//! The links that an operator gives to users, and the results of sign-ins with a provider
//! (docs/PROTOCOL.md, "Accounts"): what is behind the `#` of the page's URL.

use wizitime_protocol::route::Route;

use super::history;
use crate::effects::Secret;

/// A link, with its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountLink {
    /// Creates an account.
    Invitation(Secret),
    /// Sets the password of an account.
    SetPassword(Secret),
    /// The code that ends the sign-in with an OpenID Connect provider.
    ProviderCode(Secret),
    /// Why the sign-in with a provider failed.
    ProviderError(String),
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
    let token = token.to_owned();
    match name {
        "#invitation" => Some(AccountLink::Invitation(Secret(token))),
        "#set-password" => Some(AccountLink::SetPassword(Secret(token))),
        "#sign-in" => Some(AccountLink::ProviderCode(Secret(token))),
        "#sign-in-error" => Some(AccountLink::ProviderError(token)),
        _ => None,
    }
}
