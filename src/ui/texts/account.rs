//! Signing in and out.

use super::changes;

pub(crate) const ACCOUNT: &str = "Account";
pub(crate) const EMAIL: &str = "Email";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const CODE: &str = "Code";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGNING_IN: &str = "One moment…";
pub(crate) const CREATE_ACCOUNT: &str = "Create account";
pub(crate) const SIGN_OUT: &str = "Sign out";

pub(crate) const GUEST: &str = "Everything stays on this device until you sign in.";
pub(crate) const GUEST_MORE: &str = "With an account, your entries are on all of your devices. \
     What you tracked so far comes along.";
pub(crate) const EXPIRED: &str =
    "Your sign-in has ended. Tracking goes on, and everything is kept on this device.";
pub(crate) const SIGNED_IN: &str = "Your entries are kept in this account and on this device.";
pub(crate) const MANAGE: &str = "Devices, password, download, deletion";
pub(crate) const HOSTED: &str = "You are signed in by the site that hosts this app.";

pub(crate) const INVITED: &str = "You are invited. Type the email that the invitation is for, and \
     choose a password of at least 8 characters.";
pub(crate) const INVITED_SIGNED_IN: &str =
    "You are signed in. To create another account with your invitation, sign out first.";
pub(crate) const INVITATION_ONLY: &str = "New accounts need an invitation here.";
pub(crate) const REGISTRATION_CLOSED: &str = "New accounts cannot be created here.";
pub(crate) const SET_PASSWORD: &str = "Set password";
pub(crate) const SET_PASSWORD_LEAD: &str =
    "Choose a new password for your account. All of your devices are then signed out.";
pub(crate) const PASSWORD_SET: &str = "Your password is set. Sign in with it now.";

pub(crate) const PASSWORD_FORGOTTEN: &str = "Forgot your password?";
pub(crate) const PASSWORD_RESET_SENT: &str = "If this email has an account, a link is on its way. \
     It works for an hour.";

pub(crate) fn sign_in_with(provider: &str) -> String {
    format!("Sign in with {provider}")
}

/// Why the sign-in with a provider failed.
pub(crate) fn provider_error(reason: &str) -> &'static str {
    match reason {
        "expired" => "That took too long, or began in another browser. Please sign in again.",
        "cancelled" => "You did not sign in.",
        "provider_unavailable" => "The sign-in service does not answer right now. Try again soon.",
        "email_missing" => "Your sign-in service did not give an email address.",
        "email_not_verified" => "Verify your email at your sign-in service first, then try again.",
        "account_exists" => {
            "There is an account with this email already. Sign in with its password."
        }
        "two_step_on" => "This account has two-step sign-in. Sign in with its password.",
        "account_disabled" => "This account is disabled. Ask the operator of this server.",
        "registration_closed" => REGISTRATION_CLOSED,
        "invitation_needed" => INVITATION_ONLY,
        "too_many_attempts" => "Too many attempts. Wait a few minutes, then try again.",
        "unavailable" => "The server cannot answer right now. Try again soon.",
        // Also what a newer server says.
        _ => "Signing in did not work. Please try again.",
    }
}

pub(crate) const NEEDS_EMAIL: &str = "Type your email address.";
pub(crate) const NEEDS_PASSWORD: &str = "Type your password.";

/// Signing out was refused.
pub(crate) fn sign_out_refused(waiting: usize) -> String {
    let verb = if waiting == 1 { "is" } else { "are" };
    format!("{} {verb} only on this device.", changes(waiting))
}

pub(crate) const SIGN_OUT_REFUSED_MORE: &str =
    "Signing out now would lose them. Sync them or export them first.";
pub(crate) const ALL_SYNCED: &str = "Everything is saved in your account now.";

pub(crate) fn sign_out_and_discard(waiting: usize) -> String {
    format!("Sign out and drop {}", changes(waiting))
}

pub(crate) fn discard_unsynced_question(waiting: usize) -> String {
    format!("Drop {} for good?", changes(waiting))
}

pub(crate) const DISCARD_UNSYNCED_YES: &str = "Yes, drop and sign out";
pub(crate) const DISCARD_UNSYNCED_NO: &str = "No, keep them";
