//! One connection to the server, with little memory because there are thousands.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use wizitime_protocol::messages::user_topic;

use wizitime_server_support::server_process::{Account, ServerProcess};

/// The server disconnects a client that sends nothing for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);
const BUFFER_BYTES: usize = 4 * 1024;
/// Connections from one source address, whose ports are limited.
const PORTS_PER_ADDRESS: usize = 20_000;

/// A client that has joined its channel.
pub(crate) struct Device {
    stream: WebSocketStream<TcpStream>,
    topic: String,
    last_ref: u64,
    pub(crate) epoch: String,
    /// The newest cursor that the device has received.
    pub(crate) cursor: u64,
}

impl Device {
    /// Connects and joins as the device of this number.
    pub(crate) async fn join(server: &ServerProcess, account: &Account, number: usize) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        let last = u8::try_from(1 + number / PORTS_PER_ADDRESS).unwrap();
        socket.bind(([127, 0, 0, last], 0).into()).unwrap();
        let stream = socket.connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (address, token) = (server.address, &account.token);
        let url = format!("ws://{address}/socket/websocket?token={token}&vsn=2.0.0");
        let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(0);
        let (stream, _) = client_async_with_config(url, stream, Some(config)).await.unwrap();
        let topic = user_topic(account.user_id);
        let (epoch, cursor) = (String::new(), 0);
        let mut device = Self { stream, topic, last_ref: 1, epoch, cursor };
        let params = json!({
            "device_id": account.user_id.to_string(), "client_version": "0", "epoch": null,
            "cursor": 0,
        });
        device.send("1", "phx_join", &params).await;
        let reply = device.reply("1").await.unwrap();
        device.epoch = reply["epoch"].as_str().unwrap().to_owned();
        device.cursor = reply["cursor"].as_u64().unwrap();
        device
    }

    /// Pushes and waits for the reply, which must be ok.
    pub(crate) async fn push(&mut self, event: &str, payload: &Value) -> Value {
        self.try_push(event, payload).await.unwrap()
    }

    /// Pushes and waits for the reply; an `unavailable` reply is an error.
    pub(crate) async fn try_push(
        &mut self,
        event: &str,
        payload: &Value,
    ) -> Result<Value, RetryLater> {
        self.last_ref += 1;
        let reference = self.last_ref.to_string();
        self.send(&reference, event, payload).await;
        self.reply(&reference).await
    }

    /// Fetches all changes pages since the cursor.
    pub(crate) async fn catch_up(&mut self) {
        loop {
            let request = json!({"epoch": self.epoch, "since": self.cursor, "limit": 1000});
            let page = self.push("GET_LATEST_TIME_ENTRIES", &request).await;
            self.cursor = page["cursor"].as_u64().unwrap();
            if page["more"] == false {
                return;
            }
        }
    }

    /// Waits for the next broadcast and returns its cursor.
    pub(crate) async fn next_broadcast(&mut self) -> u64 {
        loop {
            if let Some(cursor) = broadcast_cursor(&self.receive().await) {
                return cursor;
            }
        }
    }

    /// Reads frames without end.
    pub(crate) async fn idle(mut self) {
        loop {
            self.receive().await;
        }
    }

    async fn send(&mut self, reference: &str, event: &str, payload: &Value) {
        let frame = json!(["1", reference, self.topic, event, payload]).to_string();
        self.stream.send(Message::text(frame)).await.unwrap();
    }

    async fn reply(&mut self, reference: &str) -> Result<Value, RetryLater> {
        loop {
            let mut frame = self.receive().await;
            if frame[1] == reference && frame[3] == "phx_reply" {
                let response = frame[4]["response"].take();
                if frame[4]["status"] == "ok" {
                    return Ok(response);
                }
                assert_eq!(response["reason"], "unavailable", "{response}");
                return Err(RetryLater { after_ms: response["retry_after_ms"].as_u64().unwrap() });
            }
        }
    }

    async fn receive(&mut self) -> Value {
        loop {
            match timeout(HEARTBEAT, self.stream.next()).await {
                Ok(message) => {
                    if let Message::Text(text) = message.unwrap().unwrap() {
                        return serde_json::from_str(&text).unwrap();
                    }
                }
                Err(_) => {
                    let frame = json!([null, "0", "phoenix", "heartbeat", {}]).to_string();
                    self.stream.send(Message::text(frame)).await.unwrap();
                }
            }
        }
    }
}

/// The server is unavailable.
#[derive(Debug)]
pub(crate) struct RetryLater {
    pub(crate) after_ms: u64,
}

fn broadcast_cursor(frame: &Value) -> Option<u64> {
    (frame[3] == "NEED_TO_UPDATE_TIME_ENTRIES").then(|| frame[4]["cursor"].as_u64().unwrap())
}
