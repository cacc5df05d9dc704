//! The HTTP client for requests to the provider. It follows no redirects, so that the provider
//! cannot make the server request other addresses, and every request has a time and a size limit.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::time::timeout;

use super::error_chain::ErrorChain;

/// From the connection to the end of the response.
const PROVIDER_TIMEOUT_MS: u64 = 5_000;
/// The largest body of a response. A set of keys has some kilobytes.
pub const PROVIDER_BODY_BYTES_MAX: usize = 256 * 1024;
/// The largest head of a response.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// A client for one provider.
pub(super) enum HttpClient {
    /// For a provider on this machine.
    Plain(Client<HttpConnector, Body>),
    /// Only HTTPS, with the system's certificate authorities.
    Tls(Client<HttpsConnector<HttpConnector>, Body>),
}

/// There is no response.
#[derive(Debug)]
pub(super) enum HttpError {
    /// The provider did not answer in time.
    TimedOut,
    /// The connection failed.
    Failed(String),
    /// The body is too large, or broke off.
    Body(String),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => write!(f, "no answer within {PROVIDER_TIMEOUT_MS} ms"),
            Self::Failed(reason) => f.write_str(reason),
            Self::Body(reason) => write!(f, "the body of the answer cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for HttpError {}

impl HttpClient {
    /// A client for requests over HTTPS, or only over HTTP.
    ///
    /// # Errors
    /// If there are no certificate authorities.
    pub(super) fn new(is_https: bool) -> io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_max_idle_per_host(0).http1_max_buf_size(HEAD_BYTES_MAX);
        if !is_https {
            return Ok(Self::Plain(builder.build(HttpConnector::new())));
        }
        let connector = HttpsConnectorBuilder::new().with_native_roots()?;
        Ok(Self::Tls(builder.build(connector.https_only().enable_http1().build())))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let limit = Duration::from_millis(PROVIDER_TIMEOUT_MS);
        timeout(limit, self.exchange(request)).await.unwrap_or(Err(HttpError::TimedOut))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(Body::from);
        let response = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        };
        let response =
            response.map_err(|error| HttpError::Failed(ErrorChain(&error).to_string()))?;
        let (head, body) = response.into_parts();
        let body = to_bytes(Body::new(body), PROVIDER_BODY_BYTES_MAX).await;
        let body = body.map_err(|error| HttpError::Body(ErrorChain(&error).to_string()))?;
        Ok(HttpResponse::from_parts(head, body.to_vec()))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
