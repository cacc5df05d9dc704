//! The HTTP accept loop: connection limit, header limits, graceful shutdown.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use tracing::{debug, error, warn};

use crate::timeouts::RequestTimeouts;

/// Open HTTP connections. WebSockets do not count here, see
/// [`SocketLimits`](crate::SocketLimits). More connections wait in the listen backlog.
const CONNECTIONS_MAX: usize = 10_000;
/// Header lines of a request.
const HEADERS_MAX: usize = 64;
/// Size of a request head, and of the read buffer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The wait after `accept` failed, for example because the process has too many open files.
const ACCEPT_RETRY_MS: u64 = 500;

/// Accepts connections until `stop` completes, then waits until every running request is answered.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    times: RequestTimeouts,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                let (router, stopped) = (router.clone(), stopped.clone());
                tokio::spawn(async move {
                    serve_connection(stream, peer, router, times, stopped).await;
                    drop(permit);
                });
            }
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

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = match Arc::clone(permits).try_acquire_owned() {
        Ok(permit) => permit,
        Err(_) => {
            warn!(limit = CONNECTIONS_MAX, "connection limit reached");
            Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?
        }
    };
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

/// Whether the error concerns one connection, not the listener.
fn is_per_connection_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves the requests of one connection until it is upgraded or ends.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    times: RequestTimeouts,
    mut stopped: watch::Receiver<()>,
) {
    // A broadcast and the reply after it are small: with Nagle's algorithm the reply would wait for
    // the client's delayed acknowledgement of the broadcast.
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "set_nodelay failed");
    }
    let routes = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(times.head);
    http.max_headers(HEADERS_MAX).max_buf_size(HEAD_BYTES_MAX);
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
