//! The server's HTTP API: signing in and checking the session.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, Request, RequestInit, Response};
use wizitime_domain::json;
use wizitime_domain::{DeviceId, UserId};

use super::inbox::{report, send, spawn};
use crate::app::Secret;
use crate::app::effect::HttpCall;
use crate::app::input::{Input, SessionAnswer, SignInError, SignInReply};

#[derive(Deserialize)]
struct Session {
    token: String,
    user_id: UserId,
    email: String,
    channel: String,
}

#[derive(Deserialize)]
struct SocketToken {
    token: String,
}

#[derive(Deserialize)]
struct Refused {
    message: String,
}

/// A request that is aborted when this is dropped.
struct Abortable(AbortController);

impl Drop for Abortable {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The status and the body of a response.
type Answer = Result<(u16, String), JsValue>;

/// Sends a request; the answer is reported as an input.
pub(super) fn call(api_url: &str, call: HttpCall) {
    let api_url = api_url.to_owned();
    spawn(async move {
        match call {
            HttpCall::SignUp { email, password, invitation, device_id } => {
                let body = credentials(&email, &password, invitation.as_ref(), device_id);
                let answer = post(&format!("{api_url}/sign_up"), None, &body).await;
                send(Input::SignInAnswered(signed_in(answer)));
            }
            HttpCall::SignIn { email, password, device_id } => {
                let body = credentials(&email, &password, None, device_id);
                let answer = post(&format!("{api_url}/sign_in"), None, &body).await;
                send(Input::SignInAnswered(signed_in(answer)));
            }
            HttpCall::SignOut { token } => {
                let url = format!("{api_url}/sign_out");
                if let Err(error) = post(&url, Some(&token.0), "{}").await {
                    report("sign-out request failed", &error);
                }
            }
            HttpCall::Session { token } => {
                let url = format!("{api_url}/session");
                let answer = request("GET", &url, Some(&token.0), None, None).await;
                send(Input::SessionAnswered(match answer {
                    Ok((200, _)) => SessionAnswer::Valid,
                    Ok((401, _)) => SessionAnswer::Revoked { token },
                    Ok(_) | Err(_) => SessionAnswer::Unreachable,
                }));
            }
        }
    });
}

/// A one-time token for a socket. None if the server has no such tokens. The request is aborted
/// when this future is dropped, as the socket does after `CONNECT_TIMEOUT_MS`.
pub(super) async fn socket_token(api_url: &str, token: &Secret) -> Result<Option<String>, JsValue> {
    let url = format!("{api_url}/socket_token");
    let abortable = Abortable(AbortController::new()?);
    let signal = abortable.0.signal();
    match request("POST", &url, Some(&token.0), None, Some(&signal)).await? {
        (404 | 405, _) => Ok(None),
        (status, text) => {
            if status == 403
                && let Ok(Refused { message: reason }) = json::from_str(&text)
            {
                send(Input::SessionAnswered(SessionAnswer::Refused { reason }));
            }
            let given = json::from_str(&text).map(|SocketToken { token }| Some(token));
            given.map_err(|_| "no socket token in the response".into())
        }
    }
}

fn signed_in(answer: Answer) -> Result<SignInReply, SignInError> {
    let (status, text) = answer.map_err(|_| SignInError::Unreachable)?;
    if (200..300).contains(&status) {
        let session: Session = json::from_str(&text).map_err(|_| SignInError::Unreadable)?;
        let Session { token, user_id, email, channel } = session;
        return Ok(SignInReply { user_id, email, token, channel });
    }
    match json::from_str(&text) {
        Ok(Refused { message }) => Err(SignInError::Refused { message }),
        // A static host or a proxy answered, not the server.
        Err(_) => Err(SignInError::Unreachable),
    }
}

fn credentials(
    email: &str,
    password: &Secret,
    invitation: Option<&Secret>,
    device_id: DeviceId,
) -> String {
    #[derive(Serialize)]
    struct Credentials<'a> {
        email: &'a str,
        password: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        invitation: Option<&'a str>,
        device_id: DeviceId,
    }
    let invitation = invitation.map(|it| &*it.0);
    json::to_string(&Credentials { email, password: &password.0, invitation, device_id })
}

async fn post(url: &str, token: Option<&str>, body: &str) -> Answer {
    request("POST", url, token, Some(body), None).await
}

async fn request(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: Option<&str>,
    signal: Option<&AbortSignal>,
) -> Answer {
    let response = fetch(method, url, token, body, signal).await?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), text))
}

/// Sends a request; returns the response once its headers are there.
pub(super) async fn fetch(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: Option<&str>,
    signal: Option<&AbortSignal>,
) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    if let Some(token) = token {
        headers.set("authorization", &format!("Bearer {token}"))?;
    }
    let init = RequestInit::new();
    init.set_method(method);
    init.set_signal(signal);
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_body(&JsValue::from_str(body));
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init(url, &init)?;
    let window = web_sys::window().ok_or("no window")?;
    JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()
}
