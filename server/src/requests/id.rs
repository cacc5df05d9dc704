//! The id under which all that belongs to one request is logged.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use tracing::{Span, error_span};

use crate::clock;
use crate::random::Ids;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken from a proxy, in characters.
const ID_CHARS_MAX: usize = 64;

/// A short name of letters, digits and `.`, `_`, `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The one that a proxy gave, if it can be nothing but an id.
    pub(super) fn given(headers: &HeaderMap) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let id = headers.get(HEADER)?.to_str().ok()?;
        let fits = (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(plain);
        fits.then(|| Self(id.into()))
    }

    /// One that nobody else has.
    pub(super) fn fresh(ids: &Ids) -> Self {
        let bytes = ids.uuid_v7(clock::now());
        Self(format!("{:032x}", u128::from_be_bytes(bytes)).into())
    }

    /// A span whose lines have the id, whatever their level. It costs half a kilobyte: whoever
    /// lives long enters a new one whenever there is something to do.
    pub(crate) fn span(&self) -> Span {
        error_span!("request", request_id = %self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn given(id: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(id).unwrap());
        RequestId::given(&headers).map(|id| id.0.to_string())
    }

    #[test]
    fn only_what_looks_like_an_id_is_taken() {
        let longest = "a".repeat(ID_CHARS_MAX);
        for good in ["a", "0195-abc_DEF.1", &longest] {
            assert_eq!(given(good).as_deref(), Some(good));
        }
        for bad in ["", "a b", "a\"b", "a=b", "é", &format!("{longest}a"), "{}", "a,b"] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }

    #[test]
    fn fresh_ids_differ() {
        let ids = Ids::from_os().unwrap();
        let (first, second) = (RequestId::fresh(&ids), RequestId::fresh(&ids));
        assert_ne!(first, second);
        assert_eq!(given(&first.0), Some(first.0.to_string()), "another server would take it");
    }
}
