//! The HTTP accept loop: connection limits, header limits, graceful shutdown.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{debug, error, warn};

use super::connection_slots::Admission;
use super::refusal_warning::RefusalWarning;
use crate::metrics::ConnectionRefusal;
use crate::state::App;

/// Header lines of a request.
const HEADERS_MAX: usize = 64;
/// Size of a request head, and of the read buffer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Limit for a request's head on a connection in the reserve.
const RESERVE_HEAD_MS: u64 = 2_000;
/// `Retry-After` of a response on a connection in the reserve, in seconds.
const RETRY_AFTER_S: u64 = 5;
/// The wait after `accept` failed, for example because the process has too many open files.
const ACCEPT_RETRY_MS: u64 = 500;

/// Accepts connections until `stop` completes, then waits until every running request is answered.
/// A connection over a limit is closed at once, which costs less than a response.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    app: &Arc<App>,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let mut warning = RefusalWarning::default();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match app.connection_slots.take(peer.ip()) {
                Ok(slot) => {
                    if slot.admission == Admission::HealthOnly {
                        warning.refused(peer, ConnectionRefusal::Server);
                    }
                    let routes = Routes { router: router.clone(), app: Arc::clone(app), peer };
                    let stopped = stopped.clone();
                    tokio::spawn(async move {
                        serve_connection(stream, routes, slot.admission, stopped).await;
                        drop(slot);
                    });
                }
                Err(limit) => {
                    app.metrics.record_refusal(limit);
                    warning.refused(peer, limit);
                }
            },
            Err(error) if is_per_connection_error(&error) => {
                debug!(%error, "connection failed before accept")
            }
            Err(error) => {
                error!(%error, "accept failed");
                sleep(Duration::from_millis(ACCEPT_RETRY_MS)).await;
            }
        }
    }
    drop((listener, stopped));
    stopping.send_replace(());
    stopping.closed().await;
}

/// Whether the error concerns one connection, not the listener.
fn is_per_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Handles the requests of one peer.
#[derive(Clone)]
struct Routes {
    router: Router,
    app: Arc<App>,
    peer: SocketAddr,
}

impl Routes {
    async fn handle(
        self,
        mut request: Request<Incoming>,
        admission: Admission,
    ) -> Result<Response, Infallible> {
        let is_answered = match admission {
            Admission::All => true,
            Admission::HealthOnly => matches!(request.uri().path(), "/health" | "/ready"),
        };
        if !is_answered {
            self.app.metrics.record_refusal(ConnectionRefusal::Server);
            let retry_after = [(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S))];
            return Ok((StatusCode::SERVICE_UNAVAILABLE, retry_after).into_response());
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        TowerToHyperService::new(self.router).call(request).await
    }
}

/// Serves the requests of one connection until it is upgraded or ends.
async fn serve_connection(
    stream: TcpStream,
    routes: Routes,
    admission: Admission,
    mut stopped: watch::Receiver<()>,
) {
    // A broadcast and the reply after it are small: with Nagle's algorithm the reply would wait for
    // the client's delayed acknowledgement of the broadcast.
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "set_nodelay failed");
    }
    let mut head = routes.app.request_timeouts.head;
    let mut http = http1::Builder::new();
    if admission == Admission::HealthOnly {
        // The reserve is for many short requests.
        head = head.min(Duration::from_millis(RESERVE_HEAD_MS));
        http.keep_alive(false);
    }
    http.timer(TokioTimer::new()).header_read_timeout(head);
    http.max_headers(HEADERS_MAX).max_buf_size(HEAD_BYTES_MAX);
    let service = service_fn(move |request| routes.clone().handle(request, admission));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "connection ended with an error");
    }
}
