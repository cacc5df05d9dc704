//! The server's API for the account page: devices, password, download and deletion
//! (docs/PROTOCOL.md, "Accounts").

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Response};
use wizitime_domain::{DeviceId, Timestamp, json};

use super::inbox::{report, send};
use super::runtime;
use super::{download, http};
use crate::app::input::{Input, SessionAnswer};
use crate::effects::Secret;

/// A device on which the account is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Device {
    pub device_id: DeviceId,
    pub signed_in_at: Timestamp,
    /// Whether it is this one.
    pub current: bool,
}

#[derive(Deserialize)]
struct DeviceList {
    devices: Vec<Device>,
}

/// Something that happened to the account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Activity {
    pub at: Timestamp,
    /// The name of the event (docs/PROTOCOL.md, "Accounts").
    pub event: String,
    /// None if the operator of the server did it.
    pub address: Option<String>,
}

#[derive(Deserialize)]
struct ActivityList {
    events: Vec<Activity>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    message: String,
}

/// Why the server did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountApiError {
    /// There was no reply, or none of a WiziTime server.
    Unreachable,
    /// The account is not signed in here any more.
    SessionEnded,
    /// The server does not offer this.
    NotFound,
    /// The server refused, with a code (docs/PROTOCOL.md, "Accounts") and a sentence for the user.
    Refused { code: String, message: String },
    /// The reply broke off, or cannot be read.
    Unreadable,
}

/// The devices on which the account is signed in.
///
/// # Errors
/// If the server does not list them.
pub async fn devices() -> Result<Vec<Device>, AccountApiError> {
    let text = text(&call("GET", "devices", None).await?).await?;
    let list = json::from_str(&text).map_err(|_| AccountApiError::Unreadable)?;
    let DeviceList { devices } = list;
    Ok(devices)
}

/// What happened to the account, newest first.
///
/// # Errors
/// If the server does not list it.
pub async fn activity() -> Result<Vec<Activity>, AccountApiError> {
    let text = text(&call("GET", "audit", None).await?).await?;
    let list = json::from_str(&text).map_err(|_| AccountApiError::Unreadable)?;
    let ActivityList { events } = list;
    Ok(events)
}

/// Signs a device out. What it has not sent yet stays on it.
///
/// # Errors
/// If the server does not sign it out.
pub async fn sign_out_device(device_id: DeviceId) -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body {
        device_id: DeviceId,
    }
    post("sign_out", json::to_string(&Body { device_id })).await
}

/// Signs every device out, this one too.
///
/// # Errors
/// If the server does not sign them out.
pub async fn sign_out_everywhere() -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body {
        everywhere: bool,
    }
    post("sign_out", json::to_string(&Body { everywhere: true })).await?;
    report_session_end();
    Ok(())
}

/// Changes the password and signs all other devices out.
///
/// # Errors
/// If the server refuses, for example because the current password is wrong.
pub async fn change_password(current: &Secret, new: &Secret) -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        password: &'a str,
        new_password: &'a str,
    }
    let body = Body { password: &current.0, new_password: &new.0 };
    post("password", json::to_string(&body)).await
}

/// Who may create an account on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anyone.
    Open,
    /// Users with an invitation.
    Invite,
    /// Only the operator.
    Closed,
}

/// How long `sign_in_options` waits for the server.
const SIGN_IN_OPTIONS_MS_MAX: u32 = 5_000;

/// What the server offers to users who are not signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInOptions {
    pub registration: Registration,
    /// What users call the OpenID Connect provider with which they can sign in.
    pub provider: Option<String>,
    /// Whether the server mails links to users who forgot the password.
    pub password_reset: bool,
}

/// Where a sign-in with the provider begins. It is no request: the page goes there.
pub fn provider_url() -> String {
    format!("{}/oidc/start", runtime::api_url())
}

/// What the server offers. Servers that do not tell in time, or at all, let anyone create an
/// account.
pub async fn sign_in_options() -> SignInOptions {
    #[derive(Deserialize)]
    struct Body {
        registration: String,
        #[serde(default)]
        oidc: Option<String>,
        #[serde(default)]
        password_reset: bool,
    }
    let signal = AbortSignal::timeout_with_u32(SIGN_IN_OPTIONS_MS_MAX);
    let url = format!("{}/registration", runtime::api_url());
    let text = match http::fetch("GET", &url, None, None, Some(&signal)).await {
        Ok(response) => text(&response).await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    let Ok(Body { registration, oidc, password_reset }) = json::from_str(&text) else {
        let registration = Registration::Open;
        return SignInOptions { registration, provider: None, password_reset: false };
    };
    let registration = match registration.as_str() {
        "invite" => Registration::Invite,
        "closed" => Registration::Closed,
        _ => Registration::Open,
    };
    SignInOptions { registration, provider: oidc, password_reset }
}

/// Asks for a mail with a link that sets the password.
///
/// # Errors
/// If the server refuses, for example after too many requests.
pub async fn request_password_reset(email: &str) -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        email: &'a str,
    }
    let body = json::to_string(&Body { email });
    call_as(None, "POST", "password_reset", Some(body)).await.map(drop)
}

/// Sets the password of an account with a link, and signs all of its devices out.
///
/// # Errors
/// If the server refuses, for example because the link has expired.
pub async fn set_password(link: &Secret, new: &Secret) -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        link: &'a str,
        new_password: &'a str,
    }
    let body = json::to_string(&Body { link: &link.0, new_password: &new.0 });
    call_as(None, "POST", "set_password", Some(body)).await.map(drop)
}

/// Downloads everything that the server stores for the account, as a file of JSON lines.
///
/// # Errors
/// If the file does not arrive whole.
pub async fn export() -> Result<(), AccountApiError> {
    let response = call("GET", "export", None).await?;
    let unreadable = |error: JsValue| {
        report("the export could not be read", &error);
        AccountApiError::Unreadable
    };
    let blob = JsFuture::from(response.blob().map_err(unreadable)?).await.map_err(unreadable)?;
    download::offer_blob("wizitime-export.ndjson", &Blob::unchecked_from_js(blob))
        .map_err(unreadable)
}

/// Deletes the account and everything that the server stores for it.
///
/// # Errors
/// If the server refuses, for example because the password is wrong.
pub async fn delete_account(password: &Secret) -> Result<(), AccountApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        password: &'a str,
    }
    post("delete_account", json::to_string(&Body { password: &password.0 })).await?;
    report_session_end();
    Ok(())
}

pub(super) async fn post(path: &str, body: String) -> Result<(), AccountApiError> {
    call("POST", path, Some(body)).await.map(drop)
}

/// Calls the API with the token of the session.
pub(super) async fn call(
    method: &str,
    path: &str,
    body: Option<String>,
) -> Result<Response, AccountApiError> {
    let token = session_token().ok_or(AccountApiError::SessionEnded)?;
    call_as(Some(token), method, path, body).await
}

/// Calls the API with this token, or as a guest.
async fn call_as(
    token: Option<Secret>,
    method: &str,
    path: &str,
    body: Option<String>,
) -> Result<Response, AccountApiError> {
    let url = format!("{}/{path}", runtime::api_url());
    let bearer = token.as_ref().map(|token| &*token.0);
    let reply = http::fetch(method, &url, bearer, body.as_deref(), None).await;
    let response = reply.map_err(|error| {
        report("the server could not be reached", &error);
        AccountApiError::Unreachable
    })?;
    let status = response.status();
    match status {
        200..300 => Ok(response),
        401 => {
            if let Some(token) = token {
                send(Input::SessionAnswered(SessionAnswer::Revoked { token }));
            }
            Err(AccountApiError::SessionEnded)
        }
        _ => {
            let text = text(&response).await.unwrap_or_default();
            match json::from_str(&text) {
                Ok(Refusal { .. }) if status == 404 => Err(AccountApiError::NotFound),
                Ok(Refusal { error: code, message }) => {
                    Err(AccountApiError::Refused { code, message })
                }
                // A static host or a proxy replies, not the server.
                Err(_) => Err(AccountApiError::Unreachable),
            }
        }
    }
}

/// Reports that the server has ended this session, so that the app asks for a new sign-in.
fn report_session_end() {
    if let Some(token) = session_token() {
        send(Input::SessionAnswered(SessionAnswer::Revoked { token }));
    }
}

fn session_token() -> Option<Secret> {
    runtime::with_core(|core| core.state().session.active().map(|it| Secret(it.token.clone())))
}

pub(super) async fn text(response: &Response) -> Result<String, AccountApiError> {
    let text = response.text().map_err(|_| AccountApiError::Unreadable)?;
    let text = JsFuture::from(text).await.map_err(|_| AccountApiError::Unreadable)?;
    text.as_string().ok_or(AccountApiError::Unreadable)
}
