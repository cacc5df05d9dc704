//! One open socket: runs a hub [`Session`] between a client and the database.
//!
//! Frames are sent as the session emits them, and nothing is read while a frame is being sent. So
//! the session's queue is the only one, and a client that does not read is disconnected after
//! [`SocketTimeouts::send`](crate::SocketTimeouts).

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};
use tracing::{Instrument as _, debug, info, warn};
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{CloseCode, JobResult, Session, SessionEffect};
use wizitime_protocol::messages::PING;

use super::limited_stream::LimitedStream;
use super::receive_budget::Charge;
use super::termination::{Flow, Termination, close, code_of};
use crate::auth::TokenHash;
use crate::clock;
use crate::jobs::RunningJob;
use crate::metrics::ChannelGauge;
use crate::registry::Registration;
use crate::requests::RequestId;
use crate::state::App;

/// The close code for an idle client, as Phoenix on Bandit sends it.
const IDLE_TIMEOUT: u16 = 1002;
/// Event names are truncated in the log, because clients choose them.
const LOGGED_NAME_CHARS_MAX: usize = 64;

/// The stream of messages of a socket.
pub(super) type Socket = WebSocketStream<LimitedStream<TokioIo<Upgraded>>>;

/// The principal of a socket.
#[derive(Debug)]
pub(super) struct AuthenticatedUser {
    pub(super) user_id: UserId,
    pub(super) token: TokenHash,
    /// When the session's token expires.
    pub(super) expires_at: Timestamp,
    /// The id of the handshake request; all log lines of the socket carry it.
    pub(super) request_id: RequestId,
}

/// Inputs of the connection loop.
enum Input {
    Command,
    JobFinished(JobResult),
    TokenExpired,
    IdleTimeout,
    Message(Option<Result<Message, SocketError>>),
}

struct Connection {
    socket: Socket,
    session: Session,
    /// The bytes of the frames that are not yet handled.
    unhandled: Charge,
    registration: Registration,
    app: Arc<App>,
    user: AuthenticatedUser,
    running: Option<RunningJob>,
    joined: ChannelGauge,
    /// The newest cursor that the client has received, in a reply or a broadcast.
    last_sent_cursor: u64,
}

/// Serves a connection until it ends.
pub(super) async fn run(
    socket: Socket,
    user: AuthenticatedUser,
    registration: Registration,
    app: Arc<App>,
) {
    let version = env!("CARGO_PKG_VERSION");
    let session = Session::new(user.user_id, version);
    let request_id = user.request_id.clone();
    request_id.span().in_scope(|| info!(user = %user.user_id, "websocket opened"));
    let joined = app.metrics.channel_gauge();
    let unhandled = app.receive_budget.charge(user.user_id);
    let mut connection = Connection {
        socket,
        session,
        unhandled,
        registration,
        app,
        user,
        running: None,
        joined,
        last_sent_cursor: 0,
    };
    let checked = connection.check_token().instrument(request_id.span()).await;
    let termination = match checked {
        ControlFlow::Continue(()) => connection.serve().await,
        ControlFlow::Break(termination) => termination,
    };
    connection.terminate(termination).instrument(request_id.span()).await;
}

impl Connection {
    /// Checks the token again: a revocation between the handshake's check and the registration
    /// reached neither.
    async fn check_token(&mut self) -> Flow {
        match self.app.storage.authenticate(&self.user.token, clock::now()).await {
            Ok(Some(_)) => ControlFlow::Continue(()),
            Ok(None) => close(CloseCode::GoingAway),
            Err(error) => {
                warn!(%error, "token check failed; closing the websocket");
                close(CloseCode::ServiceRestart)
            }
        }
    }

    async fn serve(&mut self) -> Termination {
        let token_expires = after(remaining(self.user.expires_at, clock::now()));
        let mut idle_at = after(self.app.socket_timeouts.idle);
        loop {
            let input = self.next(token_expires, idle_at).await;
            if matches!(input, Input::Message(_)) {
                idle_at = after(self.app.socket_timeouts.idle);
            }
            let span = self.user.request_id.span();
            if let ControlFlow::Break(termination) = self.handle(input).instrument(span).await {
                return termination;
            }
        }
    }

    async fn handle(&mut self, input: Input) -> Flow {
        match input {
            Input::Command => self.handle_command().await,
            Input::JobFinished(result) => self.finish_job(result).await,
            Input::TokenExpired => close(CloseCode::GoingAway),
            Input::IdleTimeout => ControlFlow::Break(Termination::Close(IDLE_TIMEOUT)),
            Input::Message(message) => self.receive(message).await,
        }
    }

    async fn next(&mut self, token_expires: Instant, idle_at: Instant) -> Input {
        let running = &mut self.running;
        let job = async {
            match running {
                Some(job) => job.result().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            // The registry keeps the sender while the connection is registered.
            Ok(()) = self.registration.command.changed() => Input::Command,
            result = job => Input::JobFinished(result),
            () = sleep_until(token_expires) => Input::TokenExpired,
            message = timeout_at(idle_at, self.socket.next()) => {
                message.map_or(Input::IdleTimeout, Input::Message)
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, SocketError>>) -> Flow {
        let effects = match message {
            None => return ControlFlow::Break(Termination::Disconnected),
            Some(Err(error)) => {
                let termination = Termination::after(&error);
                if matches!(termination, Termination::Close(_)) {
                    info!(user = %self.user.user_id, %error, "websocket message refused");
                }
                return ControlFlow::Break(termination);
            }
            Some(Ok(Message::Text(text))) => {
                debug!(user = %self.user.user_id, bytes = text.len(), "frame received");
                self.session.receive(&text, clock::now())
            }
            Some(Ok(Message::Binary(bytes))) => self.session.receive_binary(&bytes, clock::now()),
            // No received message is a `Message::Frame`.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Vec::new(),
            // The close reply is sent while the socket is read to its end.
            Some(Ok(Message::Close(_))) => return ControlFlow::Break(Termination::Disconnected),
        };
        self.charge_unhandled()?;
        self.perform(effects).await
    }

    /// Charges the user for the frames that are not yet handled.
    fn charge_unhandled(&mut self) -> Flow {
        match self.unhandled.set(self.session.unhandled_bytes()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                info!(user = %self.user.user_id, %error, "websocket over budget");
                close(CloseCode::TryAgainLater)
            }
        }
    }

    async fn finish_job(&mut self, result: JobResult) -> Flow {
        if let Some(job) = self.running.take() {
            self.record_job(&job, &result);
        }
        // The reply carries the cursor, so broadcasts up to it are redundant.
        match &result {
            JobResult::Head(head) => self.raise_cursor(head.cursor),
            JobResult::Appended(Ok(commit)) => self.raise_cursor(commit.cursor),
            JobResult::Appended(Err(_)) | JobResult::ChangesPage(_) | JobResult::Failed(_) => (),
        }
        let effects = self.session.job_finished(result, clock::now());
        self.charge_unhandled()?;
        self.perform(effects).await?;
        self.send_broadcast().await
    }

    fn record_job(&self, job: &RunningJob, result: &JobResult) {
        job.record(&self.app.metrics, result);
        if job.may_have_appended(result) {
            self.app.uncertain_appends.add(self.user.user_id);
        }
    }

    const fn raise_cursor(&mut self, cursor: u64) {
        if cursor > self.last_sent_cursor {
            self.last_sent_cursor = cursor;
        }
    }

    async fn handle_command(&mut self) -> Flow {
        let close_code = self.registration.command.borrow_and_update().close_code;
        match close_code {
            Some(code) => close(code),
            None => self.send_broadcast().await,
        }
    }

    /// Sends the newest broadcast, unless the client has its cursor already. While the join is
    /// running the session refuses it; then it is sent after the join.
    async fn send_broadcast(&mut self) -> Flow {
        let broadcast = self.registration.command.borrow().broadcast.clone();
        if let Some(broadcast) = broadcast.filter(|it| it.cursor() > self.last_sent_cursor)
            && let Some(effect) = self.session.broadcast(&broadcast)
        {
            self.last_sent_cursor = broadcast.cursor();
            return self.perform(vec![effect]).await;
        }
        ControlFlow::Continue(())
    }

    async fn perform(&mut self, effects: Vec<SessionEffect>) -> Flow {
        let user_id = self.user.user_id;
        let mut flow = ControlFlow::Continue(());
        self.joined.set(self.session.joined_channels());
        for effect in effects {
            match effect {
                // Other connections get the broadcast even if this client is disconnected.
                SessionEffect::Broadcast(broadcast) => self.registration.broadcast(&broadcast),
                SessionEffect::PushReceived { event, payload_bytes } => {
                    log_push(user_id, &event, payload_bytes);
                }
                SessionEffect::PushReplied { kind, error } => {
                    self.app.metrics.record_reply(kind, error);
                }
                SessionEffect::Send(text) if flow.is_continue() => flow = self.send(text).await,
                SessionEffect::Run(job) if flow.is_continue() => {
                    self.running = Some(self.app.jobs.spawn(user_id, job));
                }
                SessionEffect::Close(code) if flow.is_continue() => flow = close(code),
                SessionEffect::Send(_) | SessionEffect::Run(_) | SessionEffect::Close(_) => (),
            }
        }
        flow
    }

    async fn send(&mut self, text: String) -> Flow {
        let sending = timeout(self.app.socket_timeouts.send, self.socket.send(text.into()));
        // A clone, so that the command stays unseen for `next`.
        let mut command = self.registration.command.clone();
        let revoked = command.wait_for(|command| {
            // On a shutdown the frame is still sent.
            command.close_code.is_some_and(|code| code != CloseCode::ServiceRestart)
        });
        tokio::select! {
            biased;
            Ok(command) = revoked => {
                command.close_code.map_or(ControlFlow::Continue(()), close)
            }
            sent = sending => match sent {
                Ok(Ok(())) => ControlFlow::Continue(()),
                Ok(Err(_)) => ControlFlow::Break(Termination::Disconnected),
                Err(_) => {
                    info!(user = %self.user.user_id, "websocket send timed out");
                    ControlFlow::Break(Termination::Disconnected)
                }
            },
        }
    }

    async fn terminate(mut self, termination: Termination) {
        let user_id = self.user.user_id;
        let restart = code_of(CloseCode::ServiceRestart);
        if matches!(termination, Termination::Close(code) if code == restart) {
            // With the reply the client need not resend after the restart.
            self.finish_running_job(true).await;
        }
        let limit = self.app.socket_timeouts.close;
        let handshake = async {
            let is_open = match termination {
                Termination::Close(code) => {
                    let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::default() };
                    self.socket.send(Message::Close(Some(frame))).await.is_ok()
                }
                Termination::Disconnected => true,
            };
            if is_open {
                self.read_to_end().await;
            }
        };
        // After the timeout the connection ends as well.
        let _ = timeout(limit, handshake).await;
        info!(user = %user_id, ?termination, "websocket closed");
        self.finish_running_job(false).await;
    }

    /// Waits for the running job, so that its broadcast reaches other connections. With
    /// `send_reply` the client still gets the reply.
    async fn finish_running_job(&mut self, send_reply: bool) {
        let Some(mut job) = self.running.take() else { return };
        let result = job.result().await;
        self.record_job(&job, &result);
        for effect in self.session.job_finished(result, clock::now()) {
            match effect {
                SessionEffect::Broadcast(broadcast) => self.registration.broadcast(&broadcast),
                SessionEffect::PushReplied { kind, error } => {
                    self.app.metrics.record_reply(kind, error);
                }
                SessionEffect::Send(text) if send_reply => {
                    // A failure is ignored: the connection ends anyway.
                    let sending = self.socket.send(text.into());
                    let _ = timeout(self.app.socket_timeouts.close, sending).await;
                }
                SessionEffect::Send(_)
                | SessionEffect::Run(_)
                | SessionEffect::PushReceived { .. }
                | SessionEffect::Close(_) => (),
            }
        }
    }

    /// Completes the closing handshake (RFC 6455 §7.1.2). After an invalid frame nothing can be
    /// decoded any more: then the rest is discarded, because the operating system resets a
    /// connection that is closed with unread bytes, and the client would not get the close code.
    async fn read_to_end(&mut self) {
        while let Some(Ok(_)) = self.socket.next().await {}
        let stream = self.socket.get_mut();
        if let Err(error) = stream.shutdown().await {
            debug!(%error, "websocket shutdown failed");
        } else if let Err(error) = stream.discard().await {
            debug!(%error, "connection lost while the websocket was closed");
        }
    }
}

fn log_push(user_id: UserId, event: &str, payload_bytes: usize) {
    let name: String = event.chars().take(LOGGED_NAME_CHARS_MAX).collect();
    if event == PING {
        debug!(user = %user_id, event = ?name, payload_bytes, "push received");
    } else {
        info!(user = %user_id, event = ?name, payload_bytes, "push received");
    }
}

fn after(duration: Duration) -> Instant {
    Instant::now() + duration
}

/// The time until `expires_at`; zero if it has passed.
fn remaining(expires_at: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(expires_at.since(now).as_ms()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).unwrap()
    }

    #[test]
    fn expired_token_has_no_time_left() {
        assert_eq!(remaining(at(1_500), at(1_000)), Duration::from_millis(500));
        assert_eq!(remaining(at(1_000), at(1_000)), Duration::ZERO);
        assert_eq!(remaining(at(1_000), at(61_000)), Duration::ZERO);
    }
}
