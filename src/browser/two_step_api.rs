//! The server's API for two-step sign-in (docs/PROTOCOL.md, "Accounts").

use serde::{Deserialize, Serialize};
use wizitime_domain::json;

use super::account_api::{AccountApiError, call, post, text};
use crate::effects::Secret;

/// The second step of the account's sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct TwoStep {
    pub enabled: bool,
    /// How many are not used yet.
    pub recovery_codes: u64,
}

/// What an authenticator app needs.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Enrolment {
    /// The key in base 32.
    pub secret: String,
    /// The key for an app on the same device.
    pub uri: String,
    /// The URI for a camera.
    pub qr: QrCode,
}

/// A square, and the SVG path of its dark modules.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct QrCode {
    pub size: u64,
    pub path: String,
}

#[derive(Deserialize)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Whether the account's sign-in has two steps.
///
/// # Errors
/// If the server does not tell.
pub async fn two_step() -> Result<TwoStep, AccountApiError> {
    let text = text(&call("GET", "two_step", None).await?).await?;
    json::from_str(&text).map_err(|_| AccountApiError::Unreadable)
}

/// Requests a key for an authenticator app.
///
/// # Errors
/// If the server refuses, for example because the password is wrong.
pub async fn begin_two_step(password: &Secret) -> Result<Enrolment, AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        password: &'a str,
    }
    let body = json::to_string(&Body { password: &password.0 });
    let text = text(&call("POST", "begin_two_step", Some(body)).await?).await?;
    json::from_str(&text).map_err(|_| AccountApiError::Unreadable)
}

/// Turns two-step sign-in on with a code of the app; returns the recovery codes.
///
/// # Errors
/// If the server refuses, for example because the code is wrong.
pub async fn confirm_two_step(code: &Secret) -> Result<Vec<String>, AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        code: &'a str,
    }
    recovery_codes("confirm_two_step", json::to_string(&Body { code: &code.0 })).await
}

/// Replaces the recovery codes.
///
/// # Errors
/// If the server refuses, for example because the code is wrong.
pub async fn new_recovery_codes(
    password: &Secret,
    code: &Secret,
) -> Result<Vec<String>, AccountApiError> {
    recovery_codes("recovery_codes", both_steps(password, code)).await
}

/// Turns two-step sign-in off.
///
/// # Errors
/// If the server refuses, for example because the code is wrong.
pub async fn disable_two_step(password: &Secret, code: &Secret) -> Result<(), AccountApiError> {
    post("disable_two_step", both_steps(password, code)).await
}

fn both_steps(password: &Secret, code: &Secret) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        password: &'a str,
        code: &'a str,
    }
    json::to_string(&Body { password: &password.0, code: &code.0 })
}

async fn recovery_codes(path: &str, body: String) -> Result<Vec<String>, AccountApiError> {
    let text = text(&call("POST", path, Some(body)).await?).await?;
    let codes = json::from_str(&text).map_err(|_| AccountApiError::Unreadable)?;
    let RecoveryCodes { recovery_codes } = codes;
    Ok(recovery_codes)
}
