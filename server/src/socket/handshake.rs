//! Who may open a socket. Everything is checked before the upgrade; a refusal is a bare 403.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tracing::{info, warn};
use wizitime_protocol::phoenix::vsn_is_v2;

use super::connection::{self, Guest};
use super::registry::TooMany;
use crate::app::App;
use crate::auth::Token;
use crate::clock;
use crate::origin::{Origin, host_of};
use crate::requests::RequestId;

/// The longest frame and the longest message, in bytes: the limit of Phoenix.
const MESSAGE_BYTES_MAX: usize = 10_000_000;
/// Allocated for each connection at once, in bytes; the default is 128 KiB.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const PROTOCOL: &str = "phoenix";
const BEARER_PREFIX: &str = "base64url.bearer.phx.";

/// What a client offers in `Sec-WebSocket-Protocol`.
#[derive(Debug, PartialEq, Eq)]
struct Offer {
    /// The token, if it came this way.
    token: Option<Token>,
    /// Whether the answer names the protocol: only if the client asked for one.
    names_protocol: bool,
}

/// `GET /socket/websocket`
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(request): Extension<RequestId>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if method != Method::GET {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Some((token, offer)) = credentials(&app, &uri, &headers) else { return refused() };
    let admitted = match app.storage.admitted(&token.hash(), clock::now()).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return refused(),
        Err(error) => {
            warn!(%error, "a token cannot be checked");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    // Axum's own refusals say what is missing: they are for developers.
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return (StatusCode::BAD_REQUEST, rejection.body_text()).into_response(),
    };
    let upgrade = if offer.names_protocol { upgrade.protocols([PROTOCOL]) } else { upgrade };
    let guest = Guest {
        user_id: admitted.user_id,
        token: admitted.session,
        until: admitted.expires_at,
        request,
    };
    // Before the upgrade: a client that is let in and sent away would come back at once.
    let registration = match app.registry.register(guest.user_id, guest.token, app.socket_limits) {
        Ok(registration) => registration,
        Err(TooMany::OfOne) => {
            info!(user = %guest.user_id, "a socket was refused: there are too many of this person");
            return StatusCode::TOO_MANY_REQUESTS.into_response();
        }
        Err(TooMany::OfAll) => {
            warn!("a socket was refused: there are as many as there may be");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| connection::run(socket, guest, registration, app))
}

fn refused() -> Response {
    info!("a socket was refused");
    StatusCode::FORBIDDEN.into_response()
}

/// The token, if version, origin and protocol are right.
fn credentials(app: &App, uri: &Uri, headers: &HeaderMap) -> Option<(Token, Offer)> {
    let Query(params) = Query::<BTreeMap<String, String>>::try_from_uri(uri).ok()?;
    if !origin_is_fine(app, headers) {
        return None;
    }
    let mut offer = offer(headers)?;
    if !vsn_is_v2(params.get("vsn").map(String::as_str)) {
        return None;
    }
    let token = offer.token.take().or_else(|| params.get("token").map(Token::shown))?;
    Some((token, offer))
}

/// A page may connect if it comes from our own host or is allowed by name. What is no page sends
/// no origin.
fn origin_is_fine(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Origin>().ok());
    let Some(origin) = origin else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = host.is_some_and(|host| host_of(host).eq_ignore_ascii_case(origin.host()));
    own || app.allows(&origin)
}

/// Reads the offered protocols; none if they are of no use.
fn offer(headers: &HeaderMap) -> Option<Offer> {
    let mut offer = Offer { token: None, names_protocol: false };
    let mut others = false;
    for value in headers.get_all(header::SEC_WEBSOCKET_PROTOCOL) {
        for item in value.to_str().ok()?.split(',').map(str::trim) {
            if let Some(encoded) = item.strip_prefix(BEARER_PREFIX) {
                // The name says base64url; what phoenix.js sends is the standard alphabet.
                let token = STANDARD_NO_PAD.decode(encoded).ok()?;
                offer.token = Some(Token::shown(String::from_utf8(token).ok()?));
            } else if item == PROTOCOL {
                offer.names_protocol = true;
            } else {
                others = true;
            }
        }
    }
    (offer.names_protocol || !others).then_some(offer)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn offered(protocols: &str) -> Option<Offer> {
        let mut headers = HeaderMap::new();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::try_from(protocols).unwrap());
        offer(&headers)
    }

    #[test]
    fn protocols_carry_a_token_and_are_echoed_by_name() {
        assert_eq!(offer(&HeaderMap::new()), Some(Offer { token: None, names_protocol: false }));
        let token = Some(Token::shown("secret"));
        assert_eq!(
            offered("phoenix, base64url.bearer.phx.c2VjcmV0"),
            Some(Offer { token: token.clone(), names_protocol: true })
        );
        assert_eq!(
            offered("base64url.bearer.phx.c2VjcmV0"),
            Some(Offer { token, names_protocol: false })
        );
        for bad in
            ["graphql-ws", "phoenix, base64url.bearer.phx.c2VjcmV0=", "base64url.bearer.phx.-"]
        {
            assert_eq!(offered(bad), None, "{bad}");
        }
    }
}
