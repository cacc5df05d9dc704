//! Requests to the server's HTTP API, as the browser sends them.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wizitime::app::input::{Input, SessionAnswer, SignInError, SignInReply};
use wizitime::effects::{HttpCall, SignInAccount};
use wizitime_domain::DeviceId;

/// How long a request waits for its response, in milliseconds.
const RESPONSE_MS_MAX: u64 = 20_000;

/// Sends a request. Returns the input for the tab, if it waits for one.
pub(crate) async fn call(address: SocketAddr, call: HttpCall) -> Option<Input> {
    match call {
        // The server of the test lets everyone sign up, and no account needs a code.
        HttpCall::SignIn { account, device_id } => {
            let (line, body) = match account {
                SignInAccount::New { email, password, .. } => {
                    ("POST /api/sign_up", credentials(&email, &password.0, device_id))
                }
                SignInAccount::Existing { email, password, .. } => {
                    ("POST /api/sign_in", credentials(&email, &password.0, device_id))
                }
                SignInAccount::Provider { .. } => unreachable!("no intent signs in so"),
            };
            let answer = ask(address, line, None, &body).await;
            Some(Input::SignInAnswered(signed_in(answer)))
        }
        HttpCall::Session { token } => {
            let answer = ask(address, "GET /api/session", Some(&token.0), "").await;
            Some(Input::SessionAnswered(match answer {
                Some((200, _)) => SessionAnswer::Valid,
                Some((401, _)) => SessionAnswer::Revoked { token },
                Some(_) | None => SessionAnswer::Unreachable,
            }))
        }
        HttpCall::SignOut { token } => {
            // The client does not wait for the response.
            ask(address, "POST /api/sign_out", Some(&token.0), "").await;
            None
        }
    }
}

fn credentials(email: &str, password: &str, device_id: DeviceId) -> String {
    json!({"email": email, "password": password, "device_id": device_id.to_string()}).to_string()
}

fn signed_in(answer: Option<(u16, Value)>) -> Result<SignInReply, SignInError> {
    let (status, body) = answer.ok_or(SignInError::Unreachable)?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    if !(200..300).contains(&status) {
        let message = text("message").ok_or(SignInError::Unreachable)?;
        return Err(SignInError::Refused { message });
    }
    let user_id = text("user_id").and_then(|id| id.parse().ok());
    match (user_id, text("email"), text("token"), text("channel")) {
        (Some(user_id), Some(email), Some(token), Some(channel)) => {
            Ok(SignInReply { user_id, email, token, channel })
        }
        _ => panic!("the response to a sign-in is incomplete: {body}"),
    }
}

/// The status and the body; none if the connection broke before both were there.
async fn ask(
    address: SocketAddr,
    what: &str,
    token: Option<&str>,
    body: &str,
) -> Option<(u16, Value)> {
    let mut request = format!("{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    if let Some(token) = token {
        request += &format!("authorization: Bearer {token}\r\n");
    }
    let length = body.len();
    request += &format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    let patience = Duration::from_millis(RESPONSE_MS_MAX);
    let answer = timeout(patience, exchange(address, &request)).await.ok()?.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // A body that was cut short is no response.
    Some((status, serde_json::from_str(body).ok()?))
}

async fn exchange(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
