//! The account: sign up, sign in, sign out.

mod dispatcher;
mod intent;

pub(super) use dispatcher::dispatch;
pub use intent::AccountIntent;
