//! The catalogue of mails. All texts of mails are here.

use super::Mail;
use crate::auth::MAILED_LINK_LIFE_MS;

/// How long a mailed link is valid, in the unit of the text.
const LINK_MINUTES: i64 = MAILED_LINK_LIFE_MS / 60_000;

/// The link with which an invited user creates an account.
pub(crate) fn invitation(to: &str, link: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Your invitation to WiziTime",
        text: format!(
            "Hello,\n\n\
             You are invited to WiziTime, a time tracker. With this link you create your account \
             for {to}, once and within seven days:\n\n\
             {link}\n\n\
             If you did not expect this mail, ignore it: nothing happens then.\n"
        ),
    }
}

/// The link that the operator sends to a user.
pub(crate) fn new_password(to: &str, link: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "A new password for WiziTime",
        text: format!(
            "Hello,\n\n\
             The operator of WiziTime sends you this link. With it you choose a new password for \
             {to}, once and within a day. All your devices are signed out then:\n\n\
             {link}\n\n\
             Until you use the link, your password stays as it is.\n"
        ),
    }
}

/// The link that was requested in the app.
pub(crate) fn password_reset(to: &str, link: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "A new password for WiziTime",
        text: format!(
            "Hello,\n\n\
             A new password was requested for {to} at WiziTime. With this link you choose it, once \
             and within {LINK_MINUTES} minutes. All your devices are signed out then:\n\n\
             {link}\n\n\
             If it was not you, ignore this mail: your password stays as it is.\n"
        ),
    }
}

/// The answer to a request while a link of the operator is valid.
pub(crate) fn link_of_operator(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "A new password for WiziTime",
        text: format!(
            "Hello,\n\n\
             A new password was requested for {to} at WiziTime. The operator has made a link for \
             that already, which is still valid: please use it, or ask the operator for \
             another.\n\n\
             If it was not you, ignore this mail: your password stays as it is.\n"
        ),
    }
}

/// What `mail-test` sends.
pub(super) fn test(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "A test of WiziTime",
        text: "Hello,\n\nThis mail is a test: WiziTime can send mails to you. \u{2713}\n"
            .to_owned(),
    }
}
