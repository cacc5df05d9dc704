//! The socket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use futures_util::{Sink, Stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use wizitime_protocol::phoenix::ConnId;

use super::runtime::{report, send};
use super::task::spawn;
use crate::input::Input;

type Shared = Rc<RefCell<WebSocket>>;

/// A socket and the task that reads it; dropping it closes the socket.
struct Open {
    conn: ConnId,
    socket: Shared,
    reader: AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        // The task holds the socket as well.
        self.reader.abort();
    }
}

/// The socket of the latest connection; a new one takes its place.
#[derive(Default)]
pub(super) struct Sockets {
    latest: Option<Open>,
}

impl Sockets {
    /// Opens a socket; `SocketOpened` or `SocketClosed` follows.
    pub(super) fn open(&mut self, conn: ConnId, url: &str) {
        match WebSocket::open(url) {
            Ok(socket) => {
                let socket = Rc::new(RefCell::new(socket));
                let (reading, reader) = abortable(read(conn, socket.clone()));
                self.latest = Some(Open { conn, socket, reader });
                // Aborted or at its end: either way there is nothing left to read.
                spawn(async move { reading.await.unwrap_or_default() });
            }
            Err(error) => {
                report("the socket could not be opened", &error.to_string().into());
                spawn(async move { send(Input::SocketClosed { conn, code: None }) });
            }
        }
    }

    /// Sends a text. What a closed socket drops, the reply that never comes tells of.
    pub(super) fn send(&self, conn: ConnId, text: String) {
        let Some(open) = self.latest.as_ref().filter(|it| it.conn == conn) else { return };
        let mut socket = open.socket.borrow_mut();
        if let Err(error) = Pin::new(&mut *socket).start_send(Message::Text(text)) {
            report("the socket did not take a message", &error.to_string().into());
        }
    }

    /// Closes a socket; nobody listens to what it still says.
    pub(super) fn close(&mut self, conn: ConnId) {
        self.latest.take_if(|open| open.conn == conn);
    }
}

/// Reports what a socket says until it is closed.
async fn read(conn: ConnId, socket: Shared) {
    // There is no event for "open": a socket takes messages once it no longer connects.
    let ready = poll_fn(|cx| Pin::new(&mut *socket.borrow_mut()).poll_ready(cx)).await;
    let is_open = matches!(socket.borrow().state(), State::Open);
    if ready.is_ok() && is_open {
        send(Input::SocketOpened { conn });
    }
    loop {
        let next = poll_fn(|cx| Pin::new(&mut *socket.borrow_mut()).poll_next(cx)).await;
        match next {
            Some(Ok(Message::Text(text))) => send(Input::FrameReceived { conn, text }),
            // No message of ours is binary.
            Some(Ok(Message::Bytes(_))) => (),
            Some(Err(WebSocketError::ConnectionClose(close))) => {
                send(Input::SocketClosed { conn, code: Some(close.code) });
                return;
            }
            Some(Err(_)) | None => {
                send(Input::SocketClosed { conn, code: None });
                return;
            }
        }
    }
}
