//! A client that sends batches until its connection ends.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wizitime_protocol::messages::user_topic;
use wizitime_server_support::DEVICE_ID;
use wizitime_server_support::events::{id, start};
use wizitime_server_support::server_process::Account;

use crate::acknowledged::Acknowledged;

/// Batches have one to this many events.
const BATCH_EVENTS_MAX: u64 = 5;

/// Writes until the server is killed.
pub(crate) async fn run(address: SocketAddr, account: Account, acknowledged: Acknowledged) {
    // Every failure is the end of the connection: the server is killed.
    let Ok(stream) = TcpStream::connect(address).await else { return };
    let url = format!("ws://{address}/socket/websocket?token={}&vsn=2.0.0", account.token);
    let Ok((stream, _)) = client_async(url, stream).await else { return };
    let mut writer = Writer { stream, topic: user_topic(account.user_id), last_ref: 0 };
    let params = json!({"device_id": DEVICE_ID, "client_version": "0"});
    let joined = writer.request("phx_join", &params).await;
    if joined.is_err() {
        return;
    }
    for number in 0.. {
        let events: Vec<Value> =
            (0..=number % BATCH_EVENTS_MAX).map(|_| start(&id(), 1_000)).collect();
        let ids = events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        match writer.request("BULK_EVENT", &json!({"events": events})).await {
            Ok(()) => acknowledged.add(&account, ids),
            Err(_) => return,
        }
    }
}

struct Writer {
    stream: WebSocketStream<TcpStream>,
    topic: String,
    last_ref: u64,
}

impl Writer {
    /// Sends a request and waits for its reply, which must be ok.
    async fn request(&mut self, event: &str, payload: &Value) -> Result<(), Error> {
        self.last_ref += 1;
        let reference = self.last_ref.to_string();
        let frame = json!(["1", reference, self.topic, event, payload]).to_string();
        self.stream.send(Message::text(frame)).await?;
        loop {
            let message = self.stream.next().await.unwrap_or(Err(Error::ConnectionClosed))?;
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame[1] == reference {
                assert_eq!(frame[4]["status"], "ok", "{frame}");
                return Ok(());
            }
        }
    }
}
