//! A scripted Phoenix client.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::test_server::DEVICE_ID;

/// Fails a test that waits for a frame that never comes.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A WebSocket connection that can join one channel.
pub struct PhoenixClient {
    stream: WebSocketStream<TcpStream>,
    pub topic: String,
    join_ref: String,
    last_ref: u64,
    /// Frames that arrived while another reply was awaited.
    queued: VecDeque<Value>,
}

/// The socket and the response of a handshake, or the status of a refusal.
pub type Handshake = Result<(WebSocketStream<TcpStream>, Response<Option<Vec<u8>>>), u16>;

/// Opens a socket. Checks that a refusal has no body.
pub async fn handshake(
    address: SocketAddr,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Handshake {
    let url = format!("ws://{address}/socket/websocket{query}");
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    match client_async(request, stream).await {
        Ok(opened) => Ok(opened),
        Err(Error::Http(response)) => {
            assert!(response.body().as_ref().is_none_or(Vec::is_empty), "a refusal has no body");
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

impl PhoenixClient {
    pub async fn connect(address: SocketAddr, token: &str, topic: &str) -> Self {
        let query = format!("?token={token}&vsn=2.0.0");
        let (stream, _) = handshake(address, &query, &[]).await.unwrap();
        Self::on(stream, topic)
    }

    pub fn on(stream: WebSocketStream<TcpStream>, topic: &str) -> Self {
        Self {
            stream,
            topic: topic.to_owned(),
            join_ref: String::new(),
            last_ref: 0,
            queued: VecDeque::new(),
        }
    }

    pub async fn send(&mut self, message: Message) {
        timeout(TIMEOUT, self.stream.send(message)).await.unwrap().unwrap();
    }

    /// Sends a message on a connection that the server may have closed.
    ///
    /// # Errors
    /// If it is closed.
    pub async fn try_send(&mut self, message: Message) -> Result<(), Error> {
        timeout(TIMEOUT, self.stream.send(message)).await.unwrap()
    }

    /// Waits for the answer to a ping; frames before it are skipped.
    pub async fn pong(&mut self) {
        loop {
            match timeout(TIMEOUT, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Pong(_))) => return,
                Some(Ok(Message::Text(_) | Message::Ping(_))) => (),
                other => panic!("no pong: {other:?}"),
            }
        }
    }

    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.send(Message::Text(text.into().into())).await;
    }

    /// Sends a text message that is not UTF-8.
    pub async fn send_invalid_text(&mut self) {
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let frame = Frame::from_payload(header, vec![0xc3, 0x28].into());
        self.send(Message::Frame(frame)).await;
    }

    /// Sends bytes that need not be valid frames.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// Sends the header of a text message of this length, without the payload.
    pub async fn send_text_header(&mut self, bytes: u64) {
        let mut header = vec![0x81, 0xff];
        header.extend_from_slice(&bytes.to_be_bytes());
        header.extend_from_slice(&[0; 4]);
        self.send_bytes(&header).await;
    }

    /// The next frame; queued frames come first.
    pub async fn next(&mut self) -> Value {
        match self.queued.pop_front() {
            Some(frame) => frame,
            None => self.receive().await,
        }
    }

    /// The next queued frame.
    pub fn take_queued(&mut self) -> Option<Value> {
        self.queued.pop_front()
    }

    async fn receive(&mut self) -> Value {
        loop {
            match timeout(TIMEOUT, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => (),
                other => panic!("not a text frame: {other:?}"),
            }
        }
    }

    /// The close code of the server; frames before it are skipped.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match timeout(TIMEOUT, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => (),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Whether the server closes the connection with a close frame that has no code.
    pub async fn is_closed_without_code(&mut self) -> bool {
        loop {
            match timeout(TIMEOUT, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Close(frame))) => return frame.is_none(),
                Some(Ok(_)) => (),
                Some(Err(_)) | None => return false,
            }
        }
    }

    pub async fn join(&mut self) -> Value {
        let params = json!({"device_id": DEVICE_ID, "client_version": "1.2.3"});
        let (status, response) = self.try_join(&params).await;
        assert_eq!(status, "ok", "{response}");
        response
    }

    pub async fn try_join(&mut self, params: &Value) -> (String, Value) {
        let reference = self.begin_join(params).await;
        self.reply(&reference).await
    }

    /// Sends a join and returns its ref.
    pub async fn begin_join(&mut self, params: &Value) -> String {
        let reference = self.next_ref();
        self.join_ref.clone_from(&reference);
        let topic = self.topic.clone();
        self.send_text(json!([reference, reference, topic, "phx_join", params]).to_string()).await;
        reference
    }

    /// Sends a push and returns its ref.
    pub async fn push(&mut self, event: &str, payload: &Value) -> String {
        let reference = self.next_ref();
        let frame = json!([self.join_ref, reference, self.topic, event, payload]);
        self.send_text(frame.to_string()).await;
        reference
    }

    /// The reply with this ref; other frames are queued.
    pub async fn reply(&mut self, reference: &str) -> (String, Value) {
        loop {
            let frame = self.receive().await;
            if frame[1] == reference && frame[3] == "phx_reply" {
                let reply = &frame[4];
                return (reply["status"].as_str().unwrap().to_owned(), reply["response"].clone());
            }
            self.queued.push_back(frame);
        }
    }

    pub async fn request(&mut self, event: &str, payload: &Value) -> (String, Value) {
        let reference = self.push(event, payload).await;
        self.reply(&reference).await
    }

    pub async fn request_ok(&mut self, event: &str, payload: &Value) -> Value {
        let (status, response) = self.request(event, payload).await;
        assert_eq!(status, "ok", "{response}");
        response
    }

    pub async fn request_error(&mut self, event: &str, payload: &Value) -> Value {
        let (status, response) = self.request(event, payload).await;
        assert_eq!(status, "error", "{response}");
        response
    }

    pub async fn bulk(&mut self, events: &[Value]) -> Value {
        self.request_ok("BULK_EVENT", &json!({"events": events})).await
    }

    pub async fn changes_page(&mut self, epoch: &Value, since: u64, limit: u64) -> Value {
        let request = json!({"epoch": epoch, "since": since, "limit": limit});
        self.request_ok("GET_LATEST_TIME_ENTRIES", &request).await
    }

    /// The cursor of the next frame, which must be a broadcast.
    pub async fn next_broadcast(&mut self) -> u64 {
        let frame = self.next().await;
        assert_eq!(frame[0], Value::Null, "{frame}");
        assert_eq!(frame[1], Value::Null, "{frame}");
        assert_eq!(frame[2], *self.topic, "{frame}");
        assert_eq!(frame[3], "NEED_TO_UPDATE_TIME_ENTRIES", "{frame}");
        frame[4]["cursor"].as_u64().unwrap()
    }

    fn next_ref(&mut self) -> String {
        self.last_ref += 1;
        self.last_ref.to_string()
    }
}
