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
use wizitime_testkit::Target;

use crate::chaos::Report;

/// The most frames that wait to be sent; further frames are lost, as on a connection that fails.
const FRAMES_MAX: usize = 1_000;

/// A socket that is open or opening. Dropping it ends the connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) conn: ConnId,
    outbox: mpsc::Sender<String>,
    task: AbortHandle,
}

impl Link {
    /// Begins to connect. Events are reported as inputs of the tab.
    pub(crate) fn open(
        address: SocketAddr,
        token: &str,
        conn: ConnId,
        target: Target,
        reports: mpsc::Sender<Report>,
    ) -> Self {
        let url = format!("ws://{address}/socket/websocket?token={token}&vsn={VSN}");
        let (outbox, texts) = mpsc::channel(FRAMES_MAX);
        let task = spawn_local(async move {
            let report = |input| Report::Input { target, input: Box::new(input) };
            let code = talk(address, &url, texts, |input| reports.send(report(input)), conn).await;
            // The run may be over.
            let _ = reports.send(report(Input::SocketClosed { conn, code })).await;
        });
        Self { conn, outbox, task: task.abort_handle() }
    }

    /// Sends a text. If a closed socket drops it, its reply never comes.
    pub(crate) fn send(&self, text: String) {
        let _ = self.outbox.try_send(text);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries texts both ways until the connection ends. Returns the close code, if there is one.
async fn talk<T: Future>(
    address: SocketAddr,
    url: &str,
    mut texts: mpsc::Receiver<String>,
    report: impl Fn(Input) -> T,
    conn: ConnId,
) -> Option<u16> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let (socket, _) = client_async(url, stream).await.ok()?;
    report(Input::SocketOpened { conn }).await;
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
                    report(Input::FrameReceived { conn, text }).await;
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
