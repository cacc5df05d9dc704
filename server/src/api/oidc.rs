//! Sign-in with an OpenID Connect provider. Browsers are sent to the provider and come back with a
//! code, which is exchanged for the user; then the app gets a code of its own, behind the `#` of
//! its URL, and exchanges that for a session.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tracing::{info, warn};
use wizitime_domain::{DeviceId, DurationMs, UserId};

use super::error::ApiError;
use super::{account, body, oidc_account};
use crate::audit::AuditEvent;
use crate::auth::Token;
use crate::client_address::ClientAddress;
use crate::clock;
use crate::oidc::{
    CookieError, OIDC_CODE_LIFE_MS, Oidc, PENDING_LIFE_MS, PendingSignIn, ProviderError,
    SignInError,
};
use crate::state::App;
use crate::storage::{NewOidcCode, StorageError};

/// What the provider answers if the user does not sign in (RFC 6749 §4.1.2.1).
const ACCESS_DENIED: &str = "access_denied";

/// What comes back from the provider.
#[derive(Default, Deserialize)]
struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct FinishRequest {
    /// The code behind the `#`.
    code: Token,
    device_id: DeviceId,
}

/// Why a sign-in ends before the app takes over.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing is wrong with the request.
    Unanswered(SignInError),
    /// The request is no proof of anything.
    Unproven(SignInError),
    /// The provider has proved who the user is, who may not sign in, here to this account.
    Refused(SignInError, Option<UserId>),
}

impl Failure {
    const fn error(&self) -> SignInError {
        match self {
            Self::Unanswered(error) | Self::Unproven(error) | Self::Refused(error, _) => *error,
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        warn!(%error, "sign-in with the provider failed");
        Self::Unanswered(SignInError::Unavailable)
    }
}

impl From<getrandom::Error> for Failure {
    fn from(error: getrandom::Error) -> Self {
        warn!(%error, "sign-in with the provider failed");
        Self::Unanswered(SignInError::Unavailable)
    }
}

impl From<CookieError> for Failure {
    fn from(error: CookieError) -> Self {
        warn!(%error, "sign-in with the provider failed");
        Self::Unanswered(SignInError::Unavailable)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        // In quotes, because a part of it may come from the provider.
        let reason = error.to_string();
        warn!(error = ?reason, "sign-in with the provider failed");
        match error {
            ProviderError::Unavailable(_) => Self::Unanswered(SignInError::ProviderUnavailable),
            ProviderError::CodeRefused | ProviderError::InvalidToken(_) => {
                Self::Unproven(SignInError::Failed)
            }
        }
    }
}

/// `GET /api/oidc/start`: sends the browser to the provider.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    address: ClientAddress,
) -> Result<Response, ApiError> {
    let oidc = app.oidc.as_ref().ok_or(ApiError::NotFound)?;
    match begin(&app, oidc, address).await {
        Ok((url, cookie)) => redirect(&url, cookie),
        Err(failure) => send_back(&app, oidc, address, &failure).await,
    }
}

async fn begin(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
) -> Result<(String, HeaderValue), Failure> {
    count(app, address, "start").map_err(too_many)?;
    let pending = PendingSignIn::begin(clock::now())?;
    let url = oidc.provider.sign_in_url(&pending).await?;
    Ok((url, oidc.cookie.set(&pending.to_cookie(), PENDING_LIFE_MS)?))
}

/// `GET /api/oidc/callback`: the provider sends the browser back.
pub(super) async fn callback(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let oidc = app.oidc.as_ref().ok_or(ApiError::NotFound)?;
    // A query that cannot be read has no state.
    let query = Query::try_from_uri(&uri).map_or_else(|_| CallbackQuery::default(), |it| it.0);
    match come_back(&app, oidc, address, &headers, query).await {
        Ok((url, cookie)) => redirect(&url, cookie),
        Err(failure) => send_back(&app, oidc, address, &failure).await,
    }
}

async fn come_back(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    headers: &HeaderMap,
    query: CallbackQuery,
) -> Result<(String, HeaderValue), Failure> {
    count(app, address, "callback").map_err(too_many)?;
    let cookie = oidc.cookie.read(headers);
    let pending = cookie.and_then(|cookie| PendingSignIn::from_cookie(cookie, clock::now()));
    let pending = pending.ok_or(Failure::Unanswered(SignInError::Expired))?;
    if query.state != Some(pending.state()) {
        return Err(Failure::Unproven(SignInError::Failed));
    }
    let code = match (query.code, query.error.as_deref()) {
        (_, Some(ACCESS_DENIED)) => return Err(Failure::Unanswered(SignInError::Cancelled)),
        (_, Some(_)) => return Err(Failure::Unanswered(SignInError::ProviderUnavailable)),
        (Some(code), None) => code,
        (None, None) => return Err(Failure::Unproven(SignInError::Failed)),
    };
    let verified = oidc.provider.verify(code, &pending).await?;
    let user_id = oidc_account::find_or_create(app, oidc, address, verified).await?;
    let (code, browser) = (Token::generate()?, Token::generate()?);
    let created_at = clock::now();
    let added = NewOidcCode {
        user_id,
        code: code.hash(),
        browser: browser.hash(),
        created_at,
        expires_at: created_at.saturating_add(DurationMs::from_ms(OIDC_CODE_LIFE_MS)),
    };
    if !app.storage.add_oidc_code(added).await? {
        return Err(Failure::Refused(SignInError::AccountDisabled, Some(user_id)));
    }
    let cookie = oidc.cookie.set(browser.expose_secret(), OIDC_CODE_LIFE_MS)?;
    Ok((oidc.public_url.sign_in(&code), cookie))
}

/// `POST /api/oidc/finish`: the app takes over.
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let oidc = app.oidc.as_ref().ok_or(ApiError::NotFound)?;
    let FinishRequest { code, device_id } = body::json(&app, &headers, body).await?;
    count(&app, address, "finish")
        .map_err(|retry_after_ms| ApiError::TooManyAttempts { retry_after_ms })?;
    let browser = oidc.cookie.read(&headers).map(Token::from_client);
    let user = match browser {
        Some(browser) => {
            app.storage.use_oidc_code(code.hash(), browser.hash(), clock::now()).await?
        }
        None => None,
    };
    let Some(user) = user else {
        app.audit(AuditEvent::OidcSignInFailed, None, address).await;
        return Err(ApiError::SignInExpired);
    };
    let session = account::begin_session(&app, user.user_id, &user.email, device_id).await?;
    let Some(mut response) = session else {
        app.audit(AuditEvent::OidcSignInRefused, Some(user.user_id), address).await;
        return Err(ApiError::AccountDisabled);
    };
    app.audit(AuditEvent::OidcSignedIn, Some(user.user_id), address).await;
    let cookie = oidc.cookie.remove().map_err(|error| ApiError::Internal(error.to_string()))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Counts an attempt of an address.
///
/// # Errors
/// The milliseconds to wait, if there were too many.
fn count(app: &App, address: ClientAddress, endpoint: &str) -> Result<(), i64> {
    let attempt = app.oidc_limiter.begin_of_address(address.limit_key, endpoint, clock::now())?;
    if let Some(attempt) = attempt {
        attempt.keep();
    }
    Ok(())
}

fn too_many(_: i64) -> Failure {
    Failure::Unanswered(SignInError::TooManyAttempts)
}

/// Sends the browser to the app with the code of an error, and ends the sign-in.
async fn send_back(
    app: &App,
    oidc: &Oidc,
    address: ClientAddress,
    failure: &Failure,
) -> Result<Response, ApiError> {
    match failure {
        Failure::Unanswered(_) => (),
        Failure::Unproven(_) => app.audit(AuditEvent::OidcSignInFailed, None, address).await,
        Failure::Refused(_, user_id) => {
            app.audit(AuditEvent::OidcSignInRefused, *user_id, address).await;
        }
    }
    let reason = failure.error().code();
    info!(reason, "sign-in with the provider ended");
    let cookie = oidc.cookie.remove().map_err(|error| ApiError::Internal(error.to_string()))?;
    redirect(&oidc.public_url.sign_in_error(reason), cookie)
}

fn redirect(url: &str, cookie: HeaderValue) -> Result<Response, ApiError> {
    let location =
        HeaderValue::try_from(url).map_err(|error| ApiError::Internal(error.to_string()))?;
    let headers = [(header::LOCATION, location), (header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
