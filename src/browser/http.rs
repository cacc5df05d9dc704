//! The server's HTTP API: checking the session, and what all requests share.

use std::cell::Cell;
use std::pin::Pin;

use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, Request, RequestInit, Response};
use wizitime_domain::DeviceId;
use wizitime_domain::json;

use super::inbox::{report, send, spawn};
use crate::app::input::{Input, SessionAnswer};
use crate::effects::Secret;
use crate::effects::{HttpCall, SignInAccount};

#[derive(Deserialize)]
struct SocketToken {
    token: String,
}

#[derive(Deserialize)]
struct Refused {
    message: String,
}

/// Sends the request of a sign-in, and reports the answer.
pub(super) type PerformSignIn = fn(SignInAccount, DeviceId) -> Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// Set by the chunk of the dialogs, where every sign-in begins, so that its code is no part of
    /// the first load.
    static SIGN_IN: Cell<Option<PerformSignIn>> = const { Cell::new(None) };
}

/// Sets what performs a sign-in.
pub(super) fn set_sign_in(perform: PerformSignIn) {
    SIGN_IN.set(Some(perform));
}

/// A request that is aborted when this is dropped.
struct Abortable(AbortController);

impl Drop for Abortable {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The status and the body of a response.
pub(super) type Answer = Result<(u16, String), JsValue>;

/// Sends a request; the answer is reported as an input.
pub(super) fn call(api_url: &str, call: HttpCall) {
    let api_url = api_url.to_owned();
    spawn(async move {
        match call {
            HttpCall::SignIn { account, device_id } => {
                if let Some(sign_in) = SIGN_IN.get() {
                    sign_in(account, device_id).await;
                }
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

pub(super) async fn post(url: &str, token: Option<&str>, body: &str) -> Answer {
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
