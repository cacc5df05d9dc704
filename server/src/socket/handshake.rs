//! The WebSocket handshake. Everything is checked before the upgrade; a refusal is a 403 without a
//! body, as in Phoenix.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tracing::{debug, info, warn};
use wizitime_protocol::phoenix::vsn_is_v2;

use super::connection::{self, AuthenticatedUser};
use super::frame_splitter::{MESSAGE_BYTES_MAX, PIECE_BYTES_MAX};
use super::limited_stream::LimitedStream;
use crate::auth::Token;
use crate::clock;
use crate::registry::{LimitExceeded, Registration};
use crate::requests::RequestId;
use crate::state::App;

/// tungstenite's read buffer of each connection; it grows to a piece of a frame. The default of
/// 128 KiB is too much for idle sockets.
const READ_BUFFER_BYTES: usize = 1024;
const PROTOCOL: &str = "phoenix";
const BEARER_PREFIX: &str = "base64url.bearer.phx.";

/// The subprotocols that a client requests in `Sec-WebSocket-Protocol`.
#[derive(Debug, PartialEq, Eq)]
struct Subprotocols {
    /// The token, if the client sends it as a subprotocol.
    token: Option<Token>,
    /// Whether the client requests `phoenix`; only then the response may name it.
    has_phoenix: bool,
}

/// `GET /socket/websocket`
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    mut request: Request,
) -> Response {
    if request.method() != Method::GET {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let found = credentials(&app, request.uri(), request.headers());
    let Some((token, subprotocols)) = found else { return forbidden() };
    let auth = match app.storage.authenticate_socket(&token.hash(), clock::now()).await {
        Ok(Some(auth)) => auth,
        Ok(None) => return forbidden(),
        Err(error) => {
            warn!(%error, "websocket rejected: token check failed");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let upgraded = hyper::upgrade::on(&mut request);
    // The error names the missing header, which helps developers.
    let mut response = match create_response(&request.map(|_| ())) {
        Ok(response) => response.map(|()| Body::empty()),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    if subprotocols.has_phoenix {
        let protocol = HeaderValue::from_static(PROTOCOL);
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let user = AuthenticatedUser {
        user_id: auth.user_id,
        token: auth.session,
        expires_at: auth.expires_at,
        request_id,
    };
    // Before the upgrade, because a client reconnects at once after a close but backs off after a
    // failed handshake.
    let registration = match app.registry.register(user.user_id, user.token, app.socket_limits) {
        Ok(registration) => registration,
        Err(LimitExceeded::User) => {
            info!(user = %user.user_id, "websocket rejected: per-user limit");
            return StatusCode::TOO_MANY_REQUESTS.into_response();
        }
        Err(LimitExceeded::Server) => {
            warn!("websocket rejected: server limit");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    tokio::spawn(run(upgraded, user, registration, app));
    response
}

/// Serves the connection once the response has been sent.
async fn run(
    upgraded: OnUpgrade,
    user: AuthenticatedUser,
    registration: Registration,
    app: Arc<App>,
) {
    let stream = match upgraded.await {
        Ok(upgraded) => TokioIo::new(upgraded),
        Err(error) => {
            let span = user.request_id.span();
            span.in_scope(|| debug!(%error, "websocket not opened: the connection was lost"));
            return;
        }
    };
    let charge = app.receive_budget.charge(user.user_id);
    let stream = LimitedStream::new(stream, charge, app.socket_timeouts.message);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_frame_size(Some(PIECE_BYTES_MAX))
        .max_message_size(Some(MESSAGE_BYTES_MAX));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    connection::run(socket, user, registration, app).await;
}

fn forbidden() -> Response {
    info!("websocket rejected: forbidden");
    StatusCode::FORBIDDEN.into_response()
}

/// The token and the subprotocols, if version, origin and subprotocols are acceptable.
fn credentials(app: &App, uri: &Uri, headers: &HeaderMap) -> Option<(Token, Subprotocols)> {
    let Query(params) = Query::<BTreeMap<String, String>>::try_from_uri(uri).ok()?;
    if !app.accepts_page(headers) {
        return None;
    }
    let mut subprotocols = subprotocols(headers)?;
    if !vsn_is_v2(params.get("vsn").map(String::as_str)) {
        return None;
    }
    let token =
        subprotocols.token.take().or_else(|| params.get("token").map(Token::from_client))?;
    Some((token, subprotocols))
}

/// Parses the requested subprotocols; none if the server supports none of them.
fn subprotocols(headers: &HeaderMap) -> Option<Subprotocols> {
    let mut found = Subprotocols { token: None, has_phoenix: false };
    let mut has_others = false;
    for value in headers.get_all(header::SEC_WEBSOCKET_PROTOCOL) {
        for item in value.to_str().ok()?.split(',').map(str::trim) {
            if let Some(encoded) = item.strip_prefix(BEARER_PREFIX) {
                // Despite the prefix, phoenix.js encodes with the standard alphabet.
                let token = STANDARD_NO_PAD.decode(encoded).ok()?;
                found.token = Some(Token::from_client(String::from_utf8(token).ok()?));
            } else if item == PROTOCOL {
                found.has_phoenix = true;
            } else {
                has_others = true;
            }
        }
    }
    (found.has_phoenix || !has_others).then_some(found)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn parse(protocols: &str) -> Option<Subprotocols> {
        let mut headers = HeaderMap::new();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::try_from(protocols).unwrap());
        subprotocols(&headers)
    }

    #[test]
    fn subprotocols_carry_a_token_and_phoenix_is_echoed() {
        assert_eq!(
            subprotocols(&HeaderMap::new()),
            Some(Subprotocols { token: None, has_phoenix: false })
        );
        let token = Some(Token::from_client("secret"));
        assert_eq!(
            parse("phoenix, base64url.bearer.phx.c2VjcmV0"),
            Some(Subprotocols { token: token.clone(), has_phoenix: true })
        );
        assert_eq!(
            parse("base64url.bearer.phx.c2VjcmV0"),
            Some(Subprotocols { token, has_phoenix: false })
        );
        for bad in
            ["graphql-ws", "phoenix, base64url.bearer.phx.c2VjcmV0=", "base64url.bearer.phx.-"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
