//! Who may create an account.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::error::{ApiError, respond};
use crate::auth::{Email, Token};
use crate::clock;
use crate::config::Registration;
use crate::state::App;
use crate::storage::{Admission, StorageError};

#[derive(Serialize)]
struct RegistrationBody<'a> {
    registration: &'static str,
    /// The name of the provider with which users can sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc: Option<&'a str>,
    /// Whether `POST /api/password_reset` sends mails.
    password_reset: bool,
}

/// `GET /api/registration`: whether the app offers to create an account, to sign in with a
/// provider, and to have a link mailed.
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let registration = match app.registration {
        Registration::InviteAfterFirst if is_first(&app).await? => "open",
        Registration::Open => "open",
        Registration::InviteAfterFirst | Registration::Invite => "invite",
        Registration::Closed => "closed",
    };
    let oidc = app.oidc.as_ref().map(|oidc| &*oidc.settings.name);
    let password_reset = app.password_resets.is_some();
    Ok(respond(StatusCode::OK, &RegistrationBody { registration, oidc, password_reset }))
}

/// By what right a user creates an account.
///
/// # Errors
/// If the user may not. This depends on nothing that is known about the email, so that it does
/// not reveal which addresses have accounts.
pub(super) async fn admit(
    app: &App,
    email: &Email,
    invitation: Option<&Token>,
) -> Result<Admission, ApiError> {
    match (app.registration, invitation) {
        (Registration::Open, _) => Ok(Admission::Anyone),
        (Registration::Closed, _) => Err(ApiError::RegistrationClosed),
        (Registration::InviteAfterFirst | Registration::Invite, Some(token)) => {
            let hash = token.hash();
            let is_invited = app.storage.is_invited(&hash, email.as_str(), clock::now()).await?;
            is_invited.then_some(Admission::Invited(hash)).ok_or(ApiError::InvitationInvalid)
        }
        (Registration::InviteAfterFirst, None) if is_first(app).await? => Ok(Admission::First),
        (Registration::InviteAfterFirst | Registration::Invite, None) => {
            Err(ApiError::InvitationNeeded)
        }
    }
}

/// Why a user who was admitted before the password was hashed is not any more.
pub(super) const fn refusal(admission: Admission) -> ApiError {
    match admission {
        Admission::Anyone => ApiError::RegistrationClosed,
        Admission::First => ApiError::InvitationNeeded,
        Admission::Invited(_) => ApiError::InvitationInvalid,
    }
}

async fn is_first(app: &App) -> Result<bool, StorageError> {
    Ok(!app.storage.has_users().await?)
}
