//! Two-step sign-in: turning it on and off, and its recovery codes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::{Deserialize, Serialize};

use super::error::{ApiError, respond};
use super::{bearer, body, password, second_step};
use crate::audit::AuditEvent;
use crate::auth::{CodeText, PasswordText, RecoveryCode, RecoveryCodeHash, TotpSecret};
use crate::client_address::ClientAddress;
use crate::clock;
use crate::state::App;
use crate::storage::{SignedInUser, TwoStepChange};

/// The margin of a QR code, in modules (ISO/IEC 18004).
const QUIET_ZONE: i32 = 4;

#[derive(Deserialize)]
struct BeginRequest {
    password: PasswordText,
}

#[derive(Deserialize)]
struct ConfirmRequest {
    code: CodeText,
}

#[derive(Deserialize)]
struct ChangeRequest {
    password: PasswordText,
    code: Option<CodeText>,
}

#[derive(Serialize)]
struct TwoStepBody {
    enabled: bool,
    /// How many are not used yet.
    recovery_codes: u64,
}

#[derive(Serialize)]
struct EnrolmentBody {
    secret: String,
    uri: String,
    qr: QrBody,
}

/// The QR code of the URI: a square with sides of `size`, and the path of its dark modules.
#[derive(Serialize)]
struct QrBody {
    size: i32,
    path: String,
}

#[derive(Serialize)]
struct RecoveryCodesBody {
    recovery_codes: Vec<String>,
}

/// `GET /api/two_step`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    let two_step = app.storage.two_step(user.user_id).await?.filter(|it| it.is_on);
    let recovery_codes = two_step.as_ref().map_or(0, |it| it.recovery_codes);
    let body = TwoStepBody { enabled: two_step.is_some(), recovery_codes };
    Ok(respond(StatusCode::OK, &body))
}

/// `POST /api/begin_two_step`: a new secret, which counts once a code of it is confirmed.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    let BeginRequest { password } = body::json(&app, &headers, body).await?;
    password::confirm_password(&app, address, &user, password).await?;
    let secret = TotpSecret::generate()?;
    let change = TwoStepChange::Begin { secret: secret.clone(), at: clock::now() };
    if !app.storage.change_two_step(user.user_id, change).await? {
        return Err(ApiError::TwoStepOn);
    }
    let uri = secret.uri(&user.email);
    let qr = qr_code(&uri)?;
    Ok(respond(StatusCode::OK, &EnrolmentBody { secret: secret.base32(), uri, qr }))
}

/// `POST /api/confirm_two_step`: turns two-step sign-in on.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (user, _) = bearer::authenticate(&app, &headers).await?;
    let ConfirmRequest { code } = body::json(&app, &headers, body).await?;
    let two_step = app.storage.two_step(user.user_id).await?.ok_or(ApiError::TwoStepOff)?;
    if two_step.is_on {
        return Err(ApiError::TwoStepOn);
    }
    if two_step.is_expired(clock::now()) {
        return Err(ApiError::TwoStepOff);
    }
    second_step::count_attempt(&app, user.user_id, &two_step).await?;
    let at = clock::now();
    let step = code.step(&two_step.secret, at).ok_or(ApiError::WrongCode)?;
    let codes = RecoveryCode::generate_all()?;
    let recovery_codes = hashes(&codes, &user);
    let change = TwoStepChange::Confirm { secret: two_step.secret, step, at, recovery_codes };
    if !app.storage.change_two_step(user.user_id, change).await? {
        return Err(ApiError::WrongCode);
    }
    app.audit(AuditEvent::TwoStepEnabled, Some(user.user_id), address).await;
    Ok(respond(StatusCode::OK, &RecoveryCodesBody::new(&codes)))
}

/// `POST /api/disable_two_step`
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let user = pass_both_steps(&app, address, &headers, body).await?;
    if !app.storage.change_two_step(user.user_id, TwoStepChange::Remove).await? {
        return Err(ApiError::TwoStepOff);
    }
    app.audit(AuditEvent::TwoStepDisabled, Some(user.user_id), address).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/recovery_codes`: new ones; the old ones are void.
pub(super) async fn replace_recovery_codes(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let user = pass_both_steps(&app, address, &headers, body).await?;
    let codes = RecoveryCode::generate_all()?;
    let change = TwoStepChange::ReplaceRecoveryCodes(hashes(&codes, &user));
    if !app.storage.change_two_step(user.user_id, change).await? {
        return Err(ApiError::TwoStepOff);
    }
    app.audit(AuditEvent::RecoveryCodesMade, Some(user.user_id), address).await;
    Ok(respond(StatusCode::OK, &RecoveryCodesBody::new(&codes)))
}

/// The requesting user, if password and code are right.
async fn pass_both_steps(
    app: &App,
    address: ClientAddress,
    headers: &HeaderMap,
    body: Body,
) -> Result<SignedInUser, ApiError> {
    let (user, _) = bearer::authenticate(app, headers).await?;
    let ChangeRequest { password, code } = body::json(app, headers, body).await?;
    let verified = password::verify_again(app, address, &user, password).await?;
    second_step::require(app, address, verified, code).await?;
    Ok(user)
}

fn hashes(codes: &[RecoveryCode], user: &SignedInUser) -> Vec<RecoveryCodeHash> {
    codes.iter().map(|code| code.hash(user.user_id)).collect()
}

impl RecoveryCodesBody {
    fn new(codes: &[RecoveryCode]) -> Self {
        Self { recovery_codes: codes.iter().map(RecoveryCode::expose_secret).collect() }
    }
}

/// Drawn here, because the library is larger than the part of the app that shows it.
fn qr_code(text: &str) -> Result<QrBody, ApiError> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if length > 0 {
                let (left, top) = (x + QUIET_ZONE, y + QUIET_ZONE);
                path += &format!("M{left} {top}h{length}v1h-{length}z");
            }
            x += length.max(1);
        }
    }
    Ok(QrBody { size: code.size() + 2 * QUIET_ZONE, path })
}
