//! Sentences for refusals, sign-in errors and quarantine reasons.

use crate::store::SignInError;
use crate::store::slices::events::EVENTS_BUFFERED_MAX;
use crate::store::slices::notices::Refusal;
use crate::sync::record::{QuarantineCode, QuarantineReason};

/// Why an intent was not carried out.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rejected(rejection) => rejection.to_string(),
        Refusal::BufferFull => {
            format!("{EVENTS_BUFFERED_MAX} changes wait for the server; sync or export them first.")
        }
        Refusal::NothingRuns => "No clock is running.".to_owned(),
        Refusal::Gone => "This is not there any more.".to_owned(),
    }
}

/// Why signing in failed.
pub(crate) fn sign_in_error(error: &SignInError) -> String {
    match error {
        SignInError::Unreachable => {
            "The server cannot be reached. Your time is still being recorded.".to_owned()
        }
        SignInError::Unreadable => {
            "The server's answer could not be read. It may be another version.".to_owned()
        }
        SignInError::Refused { message } => message.clone(),
    }
}

/// Why an event is in quarantine.
pub(crate) fn quarantine_reason(reason: &QuarantineReason) -> String {
    match reason.code {
        QuarantineCode::Dependent => super::DEPENDS.to_owned(),
        QuarantineCode::ServerFailed if reason.message.is_empty() => {
            "The server cannot take this change. You can try again later.".to_owned()
        }
        QuarantineCode::ServerFailed | QuarantineCode::Rejected(_) => reason.message.clone(),
    }
}
