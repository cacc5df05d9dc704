//! Accounts of the fake server.

use wizitime::app::input::SignInReply;
use wizitime::effects::Secret;
use wizitime::effects::SignInAccount;
use wizitime::features::{AccountIntent, Intent};
use wizitime::store::slices::session::Account;
use wizitime_domain::UserId;
use wizitime_protocol::messages::user_topic;

/// An account that is signed in with this token.
pub fn account(user_id: UserId, email: &str, token: String) -> Account {
    Account {
        user_id,
        email: email.to_owned(),
        token,
        channel: user_topic(user_id),
        hosted: false,
        expired: false,
    }
}

/// The account as localStorage keeps it.
pub fn session_text(account: &Account) -> String {
    wizitime_domain::json::to_string(account)
}

/// The server's reply to a successful sign-in.
pub fn sign_in_reply(account: Account) -> SignInReply {
    let Account { user_id, email, token, channel, .. } = account;
    SignInReply { user_id, email, token, channel }
}

/// A user signs in.
pub fn sign_in_intent(email: &str, password: &str) -> Intent {
    let (email, password) = (email.to_owned(), Secret(password.to_owned()));
    let account = SignInAccount::Existing { email, password, code: None };
    Intent::Account(AccountIntent::SignIn(account))
}
