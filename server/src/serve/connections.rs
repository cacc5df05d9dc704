//! Connections: accepted, served, and ended with the server.

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

use super::RequestTimes;

/// Connections that ask by HTTP at the same time; sockets are counted elsewhere. Others wait in the
/// system's queue until one of these ends.
const CONNECTIONS_MAX: usize = 10_000;
/// Lines in the head of a request.
const HEADERS_MAX: usize = 64;
/// How long the head of a request may be, and how much is read at once, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long to wait when the system has no connection to give, such as for want of descriptors.
const ACCEPT_RETRY_MS: u64 = 500;

/// Accepts connections until `stop` is done, then waits until each has answered what it was asked.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    times: RequestTimes,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let (router, stopped) = (router.clone(), stopped.clone());
                tokio::spawn(async move {
                    converse(stream, peer, router, times, stopped).await;
                    drop(place);
                });
            }
            Err(error) if is_of_one(&error) => debug!(%error, "a connection was not made"),
            Err(error) => {
                error!(%error, "no connection can be accepted");
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
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = match Arc::clone(places).try_acquire_owned() {
        Ok(place) => place,
        Err(_) => {
            warn!("there are as many connections as there may be");
            Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?
        }
    };
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// Whether only this one connection failed.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers what is asked on a connection, one request after the other, until it becomes a socket or
/// ends.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    times: RequestTimes,
    mut stopped: watch::Receiver<()>,
) {
    // A broadcast and the reply after it are small: without this the second waits for the other
    // end's delayed acknowledgement of the first.
    if let Err(error) = stream.set_nodelay(true) {
        warn!(%error, "a connection will be slow");
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
        debug!(%error, "a connection broke off");
    }
}
