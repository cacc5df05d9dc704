//! The account page.

pub(crate) const ACCOUNT_TITLE: &str = "Your account";

pub(crate) const ACCOUNT_GUEST: &str = "You are not signed in. With an account, your entries are \
    on all of your devices, and this page shows where you are signed in.";
pub(crate) const ACCOUNT_EXPIRED: &str = "Your sign-in has ended. Sign in again to see and change \
    your account. Tracking goes on, and everything is kept on this device.";
pub(crate) const ACCOUNT_HOSTED: &str = "You are signed in by the site that hosts this app. Your \
    account is managed there.";
pub(crate) const ACCOUNT_OFFLINE: &str = "You are offline. Everything on this page is on the \
    server, so it has to wait for the network.";

pub(crate) const DEVICES_TITLE: &str = "Where you are signed in";
pub(crate) const DEVICES_LOADING: &str = "Asking the server…";
pub(crate) const THIS_DEVICE: &str = "This device";
pub(crate) const SIGN_OUT_EVERYWHERE: &str = "Sign out everywhere";
pub(crate) const SIGNED_OUT_EVERYWHERE: &str = "You are signed out on all of your devices, and \
    here. What was not sent yet stays where it is.";

/// The name of another device, by the end of its id.
pub(crate) fn other_device(id: &str) -> String {
    let end = id.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    format!("Device {}", id.get(end..).unwrap_or(id))
}

pub(crate) fn signed_in_since(date: &str, time: &str) -> String {
    format!("since {date}, {time}")
}

/// The name of the button that signs a device out.
pub(crate) fn sign_out_of(device: &str) -> String {
    format!("Sign out: {device}")
}

pub(crate) fn signed_out_of(device: &str) -> String {
    format!("{device} is signed out. What it had not sent yet stays on it.")
}

pub(crate) const ACTIVITY_TITLE: &str = "Recent activity";
pub(crate) const ACTIVITY_LEAD: &str = "If you do not recognise something, change your password.";
pub(crate) const ACTIVITY_NOT_OFFERED: &str = "This server does not list it.";
pub(crate) const BY_OPERATOR: &str = "by the operator of the server";

/// What an event means; an unknown one of a newer server is shown by its name.
pub(crate) fn activity(event: &str) -> &str {
    match event {
        "signed_up" | "account_added" => "Account created",
        "signed_in" => "Signed in",
        "sign_in_failed" => "Sign-in failed",
        "password_failed" => "Wrong password for a change",
        "password_changed" => "Password changed",
        "password_set" => "Password set with a link",
        "password_link_created" => "Link to set the password created",
        "password_reset_requested" => "Link for a new password requested by mail",
        "two_step_enabled" => "Two-step sign-in turned on",
        "two_step_disabled" => "Two-step sign-in turned off",
        "code_asked" => "Right password, code asked for",
        "code_refused" => "Right password, wrong code",
        "recovery_code_used" => "Recovery code used",
        "recovery_codes_made" => "New recovery codes",
        "signed_out" => "Signed out",
        "oidc_signed_in" => "Signed in with the sign-in service",
        "oidc_sign_in_failed" => "Sign-in with the sign-in service failed",
        "oidc_sign_in_refused" => "Sign-in with the sign-in service refused",
        "oidc_linked" => "Linked to the sign-in service",
        "account_disabled" => "Account disabled",
        "account_enabled" => "Account enabled",
        other => other,
    }
}

pub(crate) const PASSWORD_TITLE: &str = "Change your password";
pub(crate) const PASSWORD_LEAD: &str = "Every other device is signed out and asks for the new one.";
pub(crate) const PASSWORD_NOW: &str = "Password now";
pub(crate) const PASSWORD_NEW: &str = "New password";
pub(crate) const PASSWORD_RULE: &str = "At least 8 characters.";
pub(crate) const CHANGE_PASSWORD: &str = "Change password";
pub(crate) const NEEDS_PASSWORD_NOW: &str = "Type the password that you have now.";
pub(crate) const NEEDS_PASSWORD_NEW: &str = "Type a new password.";
pub(crate) const PASSWORD_CHANGED: &str = "Your password is changed. All other devices are signed \
    out.";

pub(crate) const TWO_STEP_TITLE: &str = "Two-step sign-in";
pub(crate) const TWO_STEP_LEAD: &str = "A code from an authenticator app on your phone, besides \
    your password. Who finds out the password alone cannot sign in.";
pub(crate) const TWO_STEP_NOT_OFFERED: &str = "This server does not offer it.";
pub(crate) const TURN_ON: &str = "Turn on";
pub(crate) const TURN_OFF: &str = "Turn off";
pub(crate) const TWO_STEP_SCAN: &str = "Scan this with your authenticator app, or type the key \
    into it. Then type the code that the app shows.";
pub(crate) const QR_CODE: &str = "QR code of the key";
pub(crate) const TWO_STEP_KEY: &str = "Key";
pub(crate) const OPEN_IN_APP: &str = "Open in an app on this device";
pub(crate) const CODE_OF_APP: &str = "Code of the app";
pub(crate) const CONFIRM: &str = "Confirm";
pub(crate) const NEEDS_CODE: &str = "Type the code.";
pub(crate) const RECOVERY_LEAD: &str = "Two-step sign-in is on. These recovery codes sign you in \
    without the app, each once. Keep them in a safe place: they are not shown again.";
pub(crate) const COPY: &str = "Copy";
pub(crate) const COPIED: &str = "The codes are copied.";
pub(crate) const NOT_COPIED: &str = "Your browser does not allow that here. Select the codes to \
    copy them, or print them.";
pub(crate) const PRINT: &str = "Print";
pub(crate) const CODES_KEPT: &str = "I have kept them";
pub(crate) const CODE_OR_RECOVERY: &str = "Code, or recovery code";
pub(crate) const NEW_CODES: &str = "New recovery codes";
pub(crate) const ANSWER_LOST: &str = "The server's answer was lost. This is how it is now.";
pub(crate) const TWO_STEP_OFF: &str = "Two-step sign-in is off. Your password is enough.";

/// The title of printed recovery codes.
pub(crate) fn recovery_codes_of(email: &str) -> String {
    format!("WiziTime recovery codes of {email}")
}

/// That it is on, and how many recovery codes are left.
pub(crate) fn two_step_on(codes: u64) -> String {
    let left = match codes {
        0 => "No recovery code is left: make new ones.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        _ => format!("{codes} recovery codes are left."),
    };
    format!("It is on. {left}")
}

pub(crate) const DOWNLOAD_TITLE: &str = "Take everything along";
pub(crate) const DOWNLOAD_LEAD: &str = "One file with all that the server has of you: entries, \
    projects, settings, and every change ever made. Each line is JSON.";
pub(crate) const DOWNLOAD: &str = "Download";
pub(crate) const DOWNLOADED: &str = "The file is in your downloads.";

pub(crate) const DELETION_TITLE: &str = "Delete your account";
pub(crate) const DELETION_LEAD: &str = "Everything the server has of you is removed for good. It \
    cannot be brought back, so download it first. Your devices keep what they show.";
pub(crate) const DELETION_SURE: &str = "Yes, delete everything on the server";
pub(crate) const DELETE_ACCOUNT: &str = "Delete account";
pub(crate) const NEEDS_SURE: &str = "Tick the box if you really want this.";
pub(crate) const ACCOUNT_DELETED: &str = "Your account is deleted, and everything the server had \
    of you with it. This device keeps what it shows.";

pub(crate) const SERVER_UNREACHABLE: &str = "The server cannot be reached. Try again.";
pub(crate) const REPLY_UNREADABLE: &str = "The server's reply broke off or could not be read. Try \
    again.";
