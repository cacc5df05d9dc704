//! The server's API for signing in and creating an account.

use std::pin::Pin;

use serde::{Deserialize, Serialize};
use wizitime_domain::json;
use wizitime_domain::{DeviceId, UserId};

use super::http::{self, Answer};
use super::inbox::send;
use super::runtime;
use crate::app::input::{Input, SignInError, SignInReply};
use crate::effects::Secret;
use crate::effects::SignInAccount;

#[derive(Deserialize)]
struct Session {
    token: String,
    user_id: UserId,
    email: String,
    channel: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    message: String,
}

#[derive(Serialize)]
struct Credentials<'a> {
    email: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    device_id: DeviceId,
}

#[derive(Serialize)]
struct ProviderCode<'a> {
    code: &'a str,
    device_id: DeviceId,
}

/// Makes sign-ins possible. Their code is loaded with what calls this.
pub fn connect() {
    http::set_sign_in(sign_in);
}

fn sign_in(account: SignInAccount, device_id: DeviceId) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let (path, body) = match &account {
            SignInAccount::New { email, password, invitation } => {
                ("sign_up", credentials(email, password, invitation.as_ref(), None, device_id))
            }
            SignInAccount::Existing { email, password, code } => {
                ("sign_in", credentials(email, password, None, code.as_ref(), device_id))
            }
            SignInAccount::Provider { code } => {
                ("oidc/finish", json::to_string(&ProviderCode { code: &code.0, device_id }))
            }
        };
        let url = format!("{}/{path}", runtime::api_url());
        let answer = http::post(&url, None, &body).await;
        send(Input::SignInAnswered(signed_in(answer)));
    })
}

fn signed_in(answer: Answer) -> Result<SignInReply, SignInError> {
    let (status, text) = answer.map_err(|_| SignInError::Unreachable)?;
    if (200..300).contains(&status) {
        let session: Session = json::from_str(&text).map_err(|_| SignInError::Unreadable)?;
        let Session { token, user_id, email, channel } = session;
        return Ok(SignInReply { user_id, email, token, channel });
    }
    match json::from_str(&text) {
        Ok(Refused { error, .. }) if error == "second_factor_required" => {
            Err(SignInError::CodeNeeded)
        }
        Ok(Refused { message, .. }) => Err(SignInError::Refused { message }),
        // A static host or a proxy answered, not the server.
        Err(_) => Err(SignInError::Unreachable),
    }
}

fn credentials(
    email: &str,
    password: &Secret,
    invitation: Option<&Secret>,
    code: Option<&Secret>,
    device_id: DeviceId,
) -> String {
    let [invitation, code] = [invitation, code].map(|it| it.map(|it| &*it.0));
    json::to_string(&Credentials { email, password: &password.0, invitation, code, device_id })
}
