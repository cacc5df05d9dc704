//! One open socket: a [`Session`] between a client and the database.
//!
//! Frames are sent as they come out of the session, and nothing is read meanwhile: a client that
//! does not read is not listened to either, and ends when its patience is over. So the only queue
//! is the session's own.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Error as SocketError;
use tracing::{Instrument as _, debug, info, warn};
use wizitime_domain::{Timestamp, UserId};
use wizitime_hub::{CloseCode, JobResult, Session, SessionEffect};
use wizitime_protocol::messages::PING;

use super::registry::{Mailbox, Registration};
use crate::app::App;
use crate::auth::TokenHash;
use crate::clock;
use crate::jobs::RunningJob;
use crate::metrics::Joined;
use crate::requests::RequestId;

/// The close code for text that is no UTF-8 (RFC 6455 §7.4.1).
const INVALID_TEXT: u16 = 1007;
/// The close code for a client that was silent for too long, as Phoenix on Bandit sends it.
const IDLE: u16 = 1002;
/// Names of events are cut to so many characters in the log: a client chooses them.
const LOGGED_NAME_CHARS_MAX: usize = 64;

/// Who was let in.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) user_id: UserId,
    pub(super) token: TokenHash,
    /// When the token expires.
    pub(super) until: Timestamp,
    /// What the socket does is logged under the id of the request that opened it.
    pub(super) request: RequestId,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// With this code, told to the client.
    Close(u16),
    /// The client closed it, or cannot be reached.
    Gone,
}

/// Goes on, or ends.
type Flow = ControlFlow<Ending>;

/// What happened.
enum Input {
    Mail,
    Done(JobResult),
    TokenExpired,
    Silence,
    Message(Option<Result<Message, axum::Error>>),
}

struct Connection {
    socket: WebSocket,
    session: Session,
    registration: Registration,
    app: Arc<App>,
    guest: Guest,
    running: Option<RunningJob>,
    /// How many channels are joined, for the figures.
    joined: Joined,
    /// The newest cursor that the client was told of.
    told: u64,
}

/// Serves a connection until it ends.
pub(super) async fn run(
    socket: WebSocket,
    guest: Guest,
    registration: Registration,
    app: Arc<App>,
) {
    let version = env!("CARGO_PKG_VERSION");
    let session = Session::new(guest.user_id, version);
    let request = guest.request.clone();
    request.span().in_scope(|| info!(user = %guest.user_id, "a socket opened"));
    let joined = Joined::none(&app.metrics);
    let mut connection =
        Connection { socket, session, registration, app, guest, running: None, joined, told: 0 };
    let checked = connection.token_still_valid().instrument(request.span()).await;
    let ending = match checked {
        ControlFlow::Continue(()) => connection.serve().await,
        ControlFlow::Break(ending) => ending,
    };
    connection.end(ending).instrument(request.span()).await;
}

impl Connection {
    /// A token that was revoked between the check and the entry in the registry was missed by
    /// both.
    async fn token_still_valid(&mut self) -> Flow {
        match self.app.storage.signed_in(&self.guest.token, clock::now()).await {
            Ok(Some(_)) => ControlFlow::Continue(()),
            Ok(None) => close(CloseCode::GoingAway),
            Err(error) => {
                warn!(%error, "a token cannot be checked");
                close(CloseCode::ServiceRestart)
            }
        }
    }

    async fn serve(&mut self) -> Ending {
        let token_left = self.guest.until.since(clock::now()).as_ms();
        let token_left = std::time::Duration::from_millis(token_left.unsigned_abs());
        let expires = after(token_left);
        let mut idle_at = after(self.app.socket_times.idle);
        loop {
            let input = self.next(expires, idle_at).await;
            if matches!(input, Input::Message(_)) {
                idle_at = after(self.app.socket_times.idle);
            }
            let span = self.guest.request.span();
            if let ControlFlow::Break(ending) = self.handle(input).instrument(span).await {
                return ending;
            }
        }
    }

    async fn handle(&mut self, input: Input) -> Flow {
        match input {
            Input::Mail => self.read_mail().await,
            Input::Done(result) => self.finish(result).await,
            Input::TokenExpired => close(CloseCode::GoingAway),
            Input::Silence => ControlFlow::Break(Ending::Close(IDLE)),
            Input::Message(message) => self.receive(message).await,
        }
    }

    async fn next(&mut self, expires: Instant, idle_at: Instant) -> Input {
        let running = &mut self.running;
        let job = async {
            match running {
                Some(job) => job.result().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            // The registry keeps the other end for as long as we are registered.
            Ok(()) = self.registration.mailbox.changed() => Input::Mail,
            result = job => Input::Done(result),
            () = sleep_until(expires) => Input::TokenExpired,
            message = timeout_at(idle_at, self.socket.recv()) => {
                message.map_or(Input::Silence, Input::Message)
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Flow {
        let effects = match message {
            None => return ControlFlow::Break(Ending::Gone),
            Some(Err(error)) => return ControlFlow::Break(ending_for(error)),
            Some(Ok(Message::Text(text))) => {
                debug!(user = %self.guest.user_id, bytes = text.len(), "received");
                self.session.receive(&text, clock::now())
            }
            Some(Ok(Message::Binary(bytes))) => self.session.receive_binary(&bytes, clock::now()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Vec::new(),
            // The answer to it is sent while the socket is read to its end.
            Some(Ok(Message::Close(_))) => return ControlFlow::Break(Ending::Gone),
        };
        self.perform(effects).await
    }

    async fn finish(&mut self, result: JobResult) -> Flow {
        self.running = None;
        self.app.metrics.finished(&result);
        // Whoever has just read this much need not be told of it by others.
        match &result {
            JobResult::Head(head) => self.told = self.told.max(head.cursor),
            JobResult::Appended(Ok(commit)) => self.told = self.told.max(commit.cursor),
            JobResult::Appended(Err(_)) | JobResult::ChangesPage(_) | JobResult::Failed(_) => (),
        }
        let effects = self.session.job_finished(result, clock::now());
        self.perform(effects).await?;
        self.tell_news().await
    }

    async fn read_mail(&mut self) -> Flow {
        let ending = self.registration.mailbox.borrow_and_update().ending;
        match ending {
            Some(code) => close(code),
            None => self.tell_news().await,
        }
    }

    /// Tells the client what it does not know yet. While its join is under way it cannot be told;
    /// then it is told after the join.
    async fn tell_news(&mut self) -> Flow {
        let Mailbox { news, .. } = self.registration.mailbox.borrow().clone();
        if let Some(news) = news.filter(|news| news.cursor() > self.told)
            && let Some(effect) = self.session.broadcast(&news)
        {
            self.told = news.cursor();
            return self.perform(vec![effect]).await;
        }
        ControlFlow::Continue(())
    }

    async fn perform(&mut self, effects: Vec<SessionEffect>) -> Flow {
        let user_id = self.guest.user_id;
        let mut flow = ControlFlow::Continue(());
        self.joined.are(self.session.joined_channels());
        for effect in effects {
            match effect {
                // What others have to hear is said even if this client is gone.
                SessionEffect::Broadcast(news) => self.registration.broadcast(&news),
                SessionEffect::PushReceived { event, payload_bytes } => {
                    log(user_id, &event, payload_bytes);
                }
                SessionEffect::PushReplied { kind: what, error: refusal } => {
                    self.app.metrics.answered(what, refusal);
                }
                SessionEffect::Send(text) if flow.is_continue() => flow = self.send(text).await,
                SessionEffect::Run(job) if flow.is_continue() => {
                    self.running = Some(self.app.jobs.begin(user_id, job));
                }
                SessionEffect::Close(code) if flow.is_continue() => flow = close(code),
                SessionEffect::Send(_) | SessionEffect::Run(_) | SessionEffect::Close(_) => (),
            }
        }
        flow
    }

    async fn send(&mut self, text: String) -> Flow {
        let sending = timeout(self.app.socket_times.send, self.socket.send(text.into()));
        // Looking into a copy leaves the mail unread.
        let mut mailbox = self.registration.mailbox.clone();
        let revoked = mailbox.wait_for(|mail| {
            // A shutdown lets the frame go out first.
            mail.ending.is_some_and(|code| code != CloseCode::ServiceRestart)
        });
        tokio::select! {
            biased;
            Ok(mail) = revoked => {
                mail.ending.map_or(ControlFlow::Continue(()), close)
            }
            sent = sending => match sent {
                Ok(Ok(())) => ControlFlow::Continue(()),
                Ok(Err(_)) => ControlFlow::Break(Ending::Gone),
                Err(_) => {
                    info!(user = %self.guest.user_id, "a client does not read");
                    ControlFlow::Break(Ending::Gone)
                }
            },
        }
    }

    async fn end(mut self, ending: Ending) {
        let user_id = self.guest.user_id;
        let restarts =
            matches!(ending, Ending::Close(code) if code == code_of(CloseCode::ServiceRestart));
        if restarts {
            // One more reply spares the client a question after the restart.
            self.last_result(true).await;
        }
        let patience = self.app.socket_times.close;
        let handshake = async {
            let said = match ending {
                Ending::Close(code) => {
                    let frame = CloseFrame { code, reason: "".into() };
                    self.socket.send(Message::Close(Some(frame))).await.is_ok()
                }
                Ending::Gone => true,
            };
            if said {
                self.read_to_end().await;
            }
        };
        // Too late is as good as done: the connection ends either way.
        let _ = timeout(patience, handshake).await;
        info!(user = %user_id, ?ending, "a socket closed");
        self.last_result(false).await;
    }

    /// Waits for the job that still runs, so that others hear what it did.
    async fn last_result(&mut self, answer: bool) {
        let Some(mut job) = self.running.take() else { return };
        let result = job.result().await;
        self.app.metrics.finished(&result);
        for effect in self.session.job_finished(result, clock::now()) {
            match effect {
                SessionEffect::Broadcast(news) => self.registration.broadcast(&news),
                SessionEffect::PushReplied { kind: what, error: refusal } => {
                    self.app.metrics.answered(what, refusal);
                }
                SessionEffect::Send(text) if answer => {
                    // Nothing follows from a failure: the connection ends.
                    let sending = self.socket.send(text.into());
                    let _ = timeout(self.app.socket_times.close, sending).await;
                }
                SessionEffect::Send(_)
                | SessionEffect::Run(_)
                | SessionEffect::PushReceived { .. }
                | SessionEffect::Close(_) => (),
            }
        }
    }

    /// Lets the closing handshake come to its end.
    async fn read_to_end(&mut self) {
        while let Some(Ok(_)) = self.socket.recv().await {}
    }
}

fn close(code: CloseCode) -> Flow {
    ControlFlow::Break(Ending::Close(code_of(code)))
}

const fn code_of(code: CloseCode) -> u16 {
    code as u16
}

/// What Phoenix closes with when the bytes themselves are wrong.
fn ending_for(error: axum::Error) -> Ending {
    match error.into_inner().downcast::<SocketError>().map(|error| *error) {
        Ok(SocketError::Capacity(_)) => Ending::Close(code_of(CloseCode::MessageTooBig)),
        Ok(SocketError::Utf8(_)) => Ending::Close(INVALID_TEXT),
        Ok(SocketError::Protocol(_)) => Ending::Close(code_of(CloseCode::InternalError)),
        Ok(_) | Err(_) => Ending::Gone,
    }
}

fn log(user_id: UserId, event: &str, payload_bytes: usize) {
    let name: String = event.chars().take(LOGGED_NAME_CHARS_MAX).collect();
    if event == PING {
        debug!(user = %user_id, event = ?name, payload_bytes, "handled");
    } else {
        info!(user = %user_id, event = ?name, payload_bytes, "handled");
    }
}

fn after(duration: std::time::Duration) -> Instant {
    Instant::now() + duration
}
