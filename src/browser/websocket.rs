//! The WebSocket.

use std::cell::{OnceCell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use futures_util::{Sink, Stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use js_sys::{Array, encode_uri_component};
use wasm_bindgen::JsValue;
use wizitime_protocol::phoenix::ConnId;

use super::inbox::{report, send, spawn};
use super::{embed, http};
use crate::app::input::Input;
use crate::effects::Secret;

/// The subprotocol, and the prefix of the token in the list of subprotocols, as in phoenix.js.
const PROTOCOL: &str = "phoenix";
const BEARER_PREFIX: &str = "base64url.bearer.phx.";

/// Empty while the token is being fetched.
type Shared = Rc<OnceCell<RefCell<WebSocket>>>;

/// A socket and the task that opens and reads it; dropping it closes the socket.
struct Open {
    conn: ConnId,
    socket: Shared,
    task: AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        // The task holds the socket as well, and may not have it yet.
        self.task.abort();
    }
}

/// The socket of the latest connection; a new one replaces it.
#[derive(Default)]
pub(super) struct Sockets {
    latest: Option<Open>,
}

impl Sockets {
    /// Opens a socket; `SocketOpened` or `SocketClosed` follows.
    pub(super) fn open(&mut self, conn: ConnId, page: &embed::Page, token: Secret) {
        let socket = Shared::default();
        let serving = serve(conn, page.clone(), token, socket.clone());
        let (serving, task) = abortable(serving);
        self.latest = Some(Open { conn, socket, task });
        // An aborted task reports nothing.
        spawn(async move { serving.await.unwrap_or_default() });
    }

    /// Sends a text frame. If a closed socket drops it, no reply comes.
    pub(super) fn send(&self, conn: ConnId, text: String) {
        let Some(open) = self.latest.as_ref().filter(|it| it.conn == conn) else { return };
        let Some(socket) = open.socket.get() else { return };
        if let Err(error) = Pin::new(&mut *socket.borrow_mut()).start_send(Message::Text(text)) {
            report("WebSocket: send failed", &error.to_string().into());
        }
    }

    /// Closes a socket. It reports nothing more.
    pub(super) fn close(&mut self, conn: ConnId) {
        self.latest.take_if(|open| open.conn == conn);
    }
}

/// Opens a socket and reports its frames until it is closed.
async fn serve(conn: ConnId, page: embed::Page, token: Secret, socket: Shared) {
    let code = match connect(&page, token).await {
        Ok(opened) => read(conn, socket.get_or_init(|| RefCell::new(opened))).await,
        Err(error) => {
            report("WebSocket: connect failed", &error);
            None
        }
    };
    send(Input::SocketClosed { conn, code });
}

/// Connects with a one-time token. A server without such tokens gets the session's token in the
/// URL, as Phoenix expects it.
async fn connect(page: &embed::Page, token: Secret) -> Result<WebSocket, JsValue> {
    let given = match page.gave(&token) {
        true => None,
        false => http::socket_token(&page.api_url(), &token).await?,
    };
    let url = page.socket_url();
    let socket = match given {
        Some(given) => {
            let encoded = web_sys::window().ok_or("no window")?.btoa(&given)?;
            let bearer = format!("{BEARER_PREFIX}{}", encoded.trim_end_matches('='));
            let protocols = Array::of2(&PROTOCOL.into(), &bearer.into());
            web_sys::WebSocket::new_with_str_sequence(&url, &protocols)?
        }
        None => {
            let token = String::from(encode_uri_component(&token.0));
            web_sys::WebSocket::new(&format!("{url}&token={token}"))?
        }
    };
    WebSocket::try_from(socket).map_err(|error| error.to_string().into())
}

/// Reports the frames of a socket until it is closed, and returns the close code.
async fn read(conn: ConnId, socket: &RefCell<WebSocket>) -> Option<u16> {
    // gloo reports no "open" event: the socket is ready when it is no longer connecting.
    let ready = poll_fn(|cx| Pin::new(&mut *socket.borrow_mut()).poll_ready(cx)).await;
    let is_open = matches!(socket.borrow().state(), State::Open);
    if ready.is_ok() && is_open {
        send(Input::SocketOpened { conn });
    }
    loop {
        match poll_fn(|cx| Pin::new(&mut *socket.borrow_mut()).poll_next(cx)).await {
            Some(Ok(Message::Text(text))) => send(Input::FrameReceived { conn, text }),
            // The protocol has no binary messages for the client.
            Some(Ok(Message::Bytes(_))) => (),
            Some(Err(WebSocketError::ConnectionClose(close))) => return Some(close.code),
            Some(Err(_)) | None => return None,
        }
    }
}
