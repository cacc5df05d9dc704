//! A tab's WebSocket.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, spawn_local};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use wizitime::app::Input;
use wizitime_protocol::phoenix::{ConnId, VSN};

use crate::world::{Place, Tidings};

/// Frames that wait to be sent; what is more gets lost, as on a link that fails.
const OUTBOX_MAX: usize = 1_000;

/// A socket that is open or opening. When it is dropped the connection ends.
pub(crate) struct Link {
    pub(crate) conn: ConnId,
    outbox: mpsc::Sender<String>,
    task: AbortHandle,
}

impl Link {
    /// Begins to connect. What happens is told to the tab, in this life of it.
    pub(crate) fn open(
        address: SocketAddr,
        token: &str,
        conn: ConnId,
        (place, life): (Place, u64),
        tell: mpsc::Sender<Tidings>,
    ) -> Self {
        let url = format!("ws://{address}/socket/websocket?token={token}&vsn={VSN}");
        let (outbox, texts) = mpsc::channel(OUTBOX_MAX);
        let task = spawn_local(async move {
            let hears = |input| Tidings::Input { place, life, input: Box::new(input) };
            let code = talk(address, &url, texts, |input| tell.send(hears(input)), conn).await;
            // The world may have ended; then nobody needs to know.
            let _ = tell.send(hears(Input::SocketClosed { conn, code })).await;
        });
        Self { conn, outbox, task: task.abort_handle() }
    }

    /// Sends a text. What a closed socket drops, the reply that never comes tells of.
    pub(crate) fn send(&self, text: String) {
        let _ = self.outbox.try_send(text);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries texts both ways until the connection ends; answers the code it ended with, if one was
/// said.
async fn talk<T: Future>(
    address: SocketAddr,
    url: &str,
    mut texts: mpsc::Receiver<String>,
    tell: impl Fn(Input) -> T,
    conn: ConnId,
) -> Option<u16> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let (socket, _) = client_async(url, stream).await.ok()?;
    tell(Input::SocketOpened { conn }).await;
    let (mut sink, mut source) = socket.split();
    let writing = async {
        while let Some(text) = texts.recv().await {
            if sink.send(Message::Text(text.into())).await.is_err() {
                return;
            }
        }
    };
    let reading = async {
        loop {
            match source.next().await {
                Some(Ok(Message::Text(text))) => {
                    let text = text.as_str().to_owned();
                    tell(Input::FrameReceived { conn, text }).await;
                }
                Some(Ok(Message::Close(frame))) => return frame.map(|it| it.code.into()),
                Some(Ok(_)) => (),
                Some(Err(_)) | None => return None,
            }
        }
    };
    tokio::select! {
        () = writing => None,
        code = reading => code,
    }
}
