//! Refuses requests of pages from other addresses than the server's.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use tracing::warn;

use crate::origin::{Origin, host_of};

/// Pairs of an origin and a host that are named in a warning; anyone can send the headers.
const PAIRS_MAX: usize = 8;

/// The refused origins with the hosts of their requests. Each pair is named once.
#[derive(Debug, Default)]
pub(crate) struct RefusedOrigins(Mutex<BTreeSet<(String, String)>>);

impl RefusedOrigins {
    /// Whether a page may use the server: if its origin has the host of the request, or is in
    /// `allow_origins`. Clients other than browsers send no origin and are allowed.
    pub(crate) fn allows(&self, allow_origins: &[Origin], headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Origin>().ok());
        // The origin `null`, of a page without an address.
        let Some(origin) = origin else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.map(host_of).filter(|host| is_plain(host)).unwrap_or_default();
        let is_allowed =
            host.eq_ignore_ascii_case(origin.host()) || allow_origins.contains(&origin);
        if !is_allowed {
            self.found(&origin, host);
        }
        is_allowed
    }

    fn found(&self, origin: &Origin, host: &str) {
        let origin = origin.as_str();
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pairs.len() < PAIRS_MAX && pairs.insert((origin.to_owned(), host.to_owned())) {
            warn!(
                origin,
                host,
                "origin refused: the page is at {origin}, but its requests name the host {host}. \
                 If a reverse proxy is in between, let it forward the header Host; if the page \
                 belongs to another site, start the server with --allow-origin {origin}"
            );
        }
    }
}

/// Whether the text is safe in a log line.
fn is_plain(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_limited_number_of_origins_is_named() {
        let refused = RefusedOrigins::default();
        for number in 0..2 * PAIRS_MAX {
            let origin = format!("https://{number}.example.org");
            let headers = HeaderMap::from_iter([
                (header::ORIGIN, HeaderValue::try_from(origin).unwrap()),
                (header::HOST, HeaderValue::from_static("time.example.org")),
            ]);
            assert!(!refused.allows(&[], &headers));
        }
        assert_eq!(refused.0.lock().unwrap().len(), PAIRS_MAX);
    }
}
