//! Error responses: a code for programs and a message for the user.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::{error, warn};
use wizitime_domain::json;

use crate::auth::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, PasswordError, WeakPassword};
use crate::storage::StorageError;

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    Malformed(String),
    TooSlow,
    TooLarge,
    InvalidEmail,
    WeakPassword(WeakPassword),
    EmailTaken,
    RegistrationClosed,
    InvitationNeeded,
    InvitationInvalid,
    LinkInvalid,
    PasswordResetOff,
    AccountDisabled,
    WrongCredentials,
    WrongPassword,
    NoPassword,
    SignInExpired,
    SecondFactorRequired,
    WrongCode,
    TwoStepOn,
    TwoStepOff,
    Unauthorized,
    OriginRefused,
    TooManyAttempts { retry_after_ms: i64 },
    TooManyAccounts { retry_after_ms: i64 },
    Busy,
    NotFound,
    MethodNotAllowed,
    Storage(StorageError),
    Internal(String),
}

impl ApiError {
    const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooSlow => "too_slow",
            Self::TooLarge => "too_large",
            Self::InvalidEmail => "invalid_email",
            Self::WeakPassword(WeakPassword::TooShort) => "password_too_short",
            Self::WeakPassword(WeakPassword::TooLong) => "password_too_long",
            Self::WeakPassword(WeakPassword::Common) => "password_common",
            Self::WeakPassword(WeakPassword::Email) => "password_is_email",
            Self::EmailTaken => "email_taken",
            Self::RegistrationClosed => "registration_closed",
            Self::InvitationNeeded => "invitation_needed",
            Self::InvitationInvalid => "invitation_invalid",
            Self::LinkInvalid => "link_invalid",
            Self::PasswordResetOff => "password_reset_off",
            Self::AccountDisabled => "account_disabled",
            Self::WrongCredentials => "wrong_credentials",
            Self::WrongPassword => "wrong_password",
            Self::NoPassword => "no_password",
            Self::SignInExpired => "sign_in_expired",
            Self::SecondFactorRequired => "second_factor_required",
            Self::WrongCode => "wrong_code",
            Self::TwoStepOn => "two_step_on",
            Self::TwoStepOff => "two_step_off",
            Self::Unauthorized => "unauthorized",
            Self::OriginRefused => "origin_refused",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::TooManyAccounts { .. } => "too_many_accounts",
            Self::Busy | Self::Storage(_) => "unavailable",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Internal(_) => "internal",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::InvalidEmail | Self::WeakPassword(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            // Not 401: a token is valid, and the client must not sign out.
            Self::WrongPassword
            | Self::NoPassword
            | Self::SignInExpired
            | Self::SecondFactorRequired
            | Self::WrongCode
            | Self::OriginRefused
            | Self::RegistrationClosed
            | Self::InvitationNeeded
            | Self::InvitationInvalid
            | Self::LinkInvalid
            | Self::AccountDisabled => StatusCode::FORBIDDEN,
            Self::EmailTaken | Self::TwoStepOn | Self::TwoStepOff => StatusCode::CONFLICT,
            Self::WrongCredentials | Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::TooManyAttempts { .. } | Self::TooManyAccounts { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Busy | Self::Storage(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound | Self::PasswordResetOff => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Malformed(detail) => format!("The request could not be read: {detail}."),
            Self::TooSlow => "The request took too long to arrive.".to_owned(),
            Self::TooLarge => "The request is too large.".to_owned(),
            Self::InvalidEmail => "This is not an email address.".to_owned(),
            Self::WeakPassword(WeakPassword::TooShort) => {
                format!("The password needs at least {PASSWORD_CHARS_MIN} characters.")
            }
            Self::WeakPassword(WeakPassword::TooLong) => {
                format!("The password can have at most {PASSWORD_BYTES_MAX} bytes.")
            }
            Self::WeakPassword(WeakPassword::Common) => {
                "This password is used very often and easy to guess; please choose another."
                    .to_owned()
            }
            Self::WeakPassword(WeakPassword::Email) => {
                "The password cannot be your email; please choose another.".to_owned()
            }
            Self::EmailTaken => "There is an account with this email already.".to_owned(),
            Self::RegistrationClosed => {
                "New accounts cannot be created here; please ask the operator of this server."
                    .to_owned()
            }
            Self::InvitationNeeded => {
                "A new account needs an invitation; please ask the operator of this server."
                    .to_owned()
            }
            Self::InvitationInvalid => {
                "This invitation was used already, has expired, or is for another email.".to_owned()
            }
            Self::LinkInvalid => {
                "This link was used already or has expired; please ask for another.".to_owned()
            }
            Self::PasswordResetOff => {
                "This server sends no mails; please ask its operator for a link.".to_owned()
            }
            Self::AccountDisabled => {
                "This account is disabled; please ask the operator of this server.".to_owned()
            }
            Self::WrongCredentials => "The email or the password is not right.".to_owned(),
            Self::WrongPassword => "The password is not right.".to_owned(),
            Self::NoPassword => {
                "This account has no password yet; please ask the operator of this \
                                 server for a link to set one."
                    .to_owned()
            }
            Self::SignInExpired => {
                "This sign-in took too long or was finished already; please sign in again."
                    .to_owned()
            }
            Self::SecondFactorRequired => {
                "Type the code that your authenticator app shows, or a recovery code.".to_owned()
            }
            Self::WrongCode => {
                "The code is not right, or was used already; please try the next one.".to_owned()
            }
            Self::TwoStepOn => "Two-step sign-in is on already.".to_owned(),
            Self::TwoStepOff => "Two-step sign-in is off.".to_owned(),
            Self::Unauthorized => "Please sign in.".to_owned(),
            Self::OriginRefused => "This server does not accept this address.".to_owned(),
            Self::TooManyAttempts { .. } => {
                "There were too many attempts; please wait a little.".to_owned()
            }
            Self::TooManyAccounts { .. } => {
                "There are many new accounts from your network; please try again later.".to_owned()
            }
            Self::Busy | Self::Storage(_) => {
                "The server cannot do this right now; please try again.".to_owned()
            }
            Self::NotFound => "There is nothing here.".to_owned(),
            Self::MethodNotAllowed => "This cannot be done here.".to_owned(),
            Self::Internal(_) => "Something failed on the server.".to_owned(),
        }
    }

    /// The value of `Retry-After`.
    fn retry_after_s(&self) -> Option<i64> {
        match self {
            Self::TooManyAttempts { retry_after_ms } | Self::TooManyAccounts { retry_after_ms } => {
                Some(retry_after_ms.div_euclid(1_000) + 1)
            }
            Self::Busy | Self::Storage(_) => Some(1),
            Self::Malformed(_)
            | Self::TooSlow
            | Self::TooLarge
            | Self::InvalidEmail
            | Self::WeakPassword(_)
            | Self::EmailTaken
            | Self::RegistrationClosed
            | Self::InvitationNeeded
            | Self::InvitationInvalid
            | Self::LinkInvalid
            | Self::PasswordResetOff
            | Self::AccountDisabled
            | Self::WrongCredentials
            | Self::WrongPassword
            | Self::NoPassword
            | Self::SignInExpired
            | Self::SecondFactorRequired
            | Self::WrongCode
            | Self::TwoStepOn
            | Self::TwoStepOff
            | Self::Unauthorized
            | Self::OriginRefused
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Internal(_) => None,
        }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    message: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Storage(error) => warn!(%error, "request failed"),
            Self::Internal(error) => error!(%error, "request failed"),
            Self::Malformed(_)
            | Self::TooSlow
            | Self::TooLarge
            | Self::InvalidEmail
            | Self::WeakPassword(_)
            | Self::EmailTaken
            | Self::RegistrationClosed
            | Self::InvitationNeeded
            | Self::InvitationInvalid
            | Self::LinkInvalid
            | Self::PasswordResetOff
            | Self::AccountDisabled
            | Self::WrongCredentials
            | Self::WrongPassword
            | Self::NoPassword
            | Self::SignInExpired
            | Self::SecondFactorRequired
            | Self::WrongCode
            | Self::TwoStepOn
            | Self::TwoStepOff
            | Self::Unauthorized
            | Self::OriginRefused
            | Self::TooManyAttempts { .. }
            | Self::TooManyAccounts { .. }
            | Self::Busy
            | Self::NotFound
            | Self::MethodNotAllowed => (),
        }
        let body = ErrorBody { error: self.code(), message: &self.message() };
        let mut response = respond(self.status(), &body);
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A response with a JSON body.
pub(super) fn respond(status: StatusCode, body: &impl Serialize) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    (status, content_type, json::to_string(body)).into_response()
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<WeakPassword> for ApiError {
    fn from(weak: WeakPassword) -> Self {
        Self::WeakPassword(weak)
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Hash(_) | PasswordError::Random(_) | PasswordError::Thread(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
